package storagetest_test

import (
	"testing"

	"go.uber.org/goleak"

	"accord/storage"
	"accord/storage/storagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestMemory_passesTheSuite(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(testing.TB) storagetest.Opener {
		log, index := &storagetest.Log{}, &storagetest.Index{}
		return func(testing.TB) (storage.Log, storage.Index) { return log, index }
	})
}

func TestMemory_passesTheSuiteOfSharedLogs(t *testing.T) {
	t.Parallel()
	storagetest.RunShared(t, func(testing.TB) storagetest.Opener {
		log, index := &storagetest.Log{}, &storagetest.Index{}
		return func(testing.TB) (storage.Log, storage.Index) { return log, index }
	})
}
