package mongo

import (
	"errors"

	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"accord/internal/fault"
)

// Codes of a server that refuses a write
// (mongodb.com/docs/manual/reference/error-codes).
const (
	codeDuplicateKey   = 11000
	codeOutOfDiskSpace = 14031
)

// outcome is what the answer to an insert tells.
type outcome int

const (
	// done: every document stands on a majority of journals.
	done outcome = iota
	// duplicate: the same, but some _id was there before.
	duplicate
	// full: the server has no space; what it did not have before it has not
	// written, as far as this answer tells.
	full
	// unknown: anything else. Documents may stand, stand on too few members, or
	// come to stand later.
	unknown
)

// judge reads the answer to an insert and returns the places of the documents
// whose _id was there. The driver's IsDuplicateKeyError is true when any error
// is a duplicate and hides the rest: a document that only a primary had which
// lost its place would be gone. So an insert is done only if every write error
// is a duplicate and there is no write concern error.
func judge(err error) (outcome, []int) {
	if err == nil {
		return done, nil
	}
	if bulk, ok := errors.AsType[driver.BulkWriteException](err); ok {
		all := make([]driver.WriteError, len(bulk.WriteErrors))
		for i, e := range bulk.WriteErrors {
			all[i] = e.WriteError
		}
		return judgeAll(all, bulk.WriteConcernError)
	}
	if one, ok := errors.AsType[driver.WriteException](err); ok {
		return judgeAll(one.WriteErrors, one.WriteConcernError)
	}
	if refused, ok := errors.AsType[driver.CommandError](err); ok && refused.Code == codeOutOfDiskSpace {
		return full, nil
	}
	return unknown, nil
}

func judgeAll(failed []driver.WriteError, concern *driver.WriteConcernError) (outcome, []int) {
	if concern != nil || len(failed) == 0 {
		return unknown, nil
	}
	result, places := duplicate, []int(nil)
	for _, e := range failed {
		switch e.Code {
		case codeDuplicateKey:
			places = append(places, e.Index)
		case codeOutOfDiskSpace:
			result = full
		default:
			return unknown, nil
		}
	}
	return result, places
}

// storageFull classifies a server without space.
func storageFull(err error) error {
	return fault.Wrap(err, fault.HTTPStorageFull, "the archive's database has no space; send the same bytes again when there is")
}
