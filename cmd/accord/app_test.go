package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"accord/internal/fault"
	"accord/storage"
)

func TestApp_keepsMetricsOffThePublicListener(t *testing.T) {
	t.Parallel()
	h := home(filepath.Join(t.TempDir(), "cn"))
	accord(t, "init", "--home", string(h), "--authority", "CN", "--url", "http://127.0.0.1:1")
	a, err := NewApp(context.Background(), h, "127.0.0.1:0", slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()

	get := func(url string) (int, string) {
		res, err := http.Get(url)
		require.NoError(t, err)
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		return res.StatusCode, string(body)
	}
	status, _ := get(a.URL() + "/readyz")
	assert.Equal(t, http.StatusOK, status)
	status, body := get(a.OpsURL() + "/metrics")
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, body, `route="/readyz"`)
	status, _ = get(a.URL() + "/metrics")
	assert.Equal(t, http.StatusNotFound, status)

	stop()
	require.NoError(t, <-done)
	require.NoError(t, a.Close())
}

// brokenLog fails every append as a disk does whose sync failed.
type brokenLog struct{ storage.Log }

func (brokenLog) Append(context.Context, *storage.Batch) error {
	return errors.New("fdatasync: input/output error")
}

// A log that failed ends the process with a code that tells it from a fork.
func TestApp_endsWithTheReasonWhenTheLogFails(t *testing.T) {
	t.Parallel()
	h := home(filepath.Join(t.TempDir(), "cn"))
	accord(t, "init", "--home", string(h), "--authority", "CN", "--url", "http://127.0.0.1:1")
	broken := false
	a, err := newApp(context.Background(), h, "127.0.0.1:0", slog.New(slog.DiscardHandler), func(l storage.Log) storage.Log {
		broken = true
		return brokenLog{l}
	})
	require.NoError(t, err)
	require.True(t, broken)
	done := make(chan error, 1)
	go func() { done <- a.Run(context.Background()) }()
	require.Error(t, a.archive.Seal(t.Context()))
	err = <-done
	assert.Equal(t, fault.ArchiveFailed, fault.CodeOf(err), "%v", err)
	assert.Equal(t, exitUnavailable, failureOf(err).Exit)
	assert.ErrorContains(t, err, "process ends to recover")
	_ = a.Close() // the log is broken
}
