// Package conformance owns the tests that hold storage/mongo against the suite
// of every archive: on FerretDB behind the proxy that plays a replica set, with
// its faults, and on a MongoDB server if there is one. It has no code of its
// own.
package conformance
