package mongo_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"accord/storage/mongo"
)

func TestJudge(t *testing.T) {
	t.Parallel()
	concern := &driver.WriteConcernError{Code: 64}
	bulk := func(concern *driver.WriteConcernError, codes ...int) error {
		e := driver.BulkWriteException{WriteConcernError: concern}
		for i, c := range codes {
			e.WriteErrors = append(e.WriteErrors, driver.BulkWriteError{WriteError: driver.WriteError{Index: i, Code: c}})
		}
		return e
	}
	one := func(concern *driver.WriteConcernError, codes ...int) error {
		e := driver.WriteException{WriteConcernError: concern}
		for i, c := range codes {
			e.WriteErrors = append(e.WriteErrors, driver.WriteError{Index: i, Code: c})
		}
		return e
	}
	for _, c := range []struct {
		what   string
		err    error
		want   string
		places []int
	}{
		{"no error", nil, "done", nil},
		{"duplicates", bulk(nil, 11000, 11000), "duplicate", []int{0, 1}},
		{"a duplicate", one(nil, 11000), "duplicate", []int{0}},
		{"duplicates on too few members", bulk(concern, 11000), "unknown", nil},
		{"a duplicate on too few members", one(concern, 11000), "unknown", nil},
		{"only too few members", one(concern), "unknown", nil},
		{"duplicates and no space", bulk(nil, 11000, 14031), "full", []int{0}},
		{"no space and too few members", bulk(concern, 14031), "unknown", nil},
		{"duplicates and another error", bulk(nil, 11000, 10107), "unknown", nil},
		{"no space and another error", bulk(nil, 14031, 112), "unknown", nil},
		{"no cause at all", bulk(nil), "unknown", nil},
		{"no space as a whole", driver.CommandError{Code: 14031}, "full", nil},
		{"not primary", driver.CommandError{Code: 10107}, "unknown", nil},
		{"time", context.DeadlineExceeded, "unknown", nil},
		{"anything", errors.New("E11000 duplicate key error"), "unknown", nil},
	} {
		got, places := mongo.Judge(c.err)
		require.Equal(t, c.want, got, c.what)
		require.Equal(t, c.places, places, c.what)
	}
}
