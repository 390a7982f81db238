// Package ferrettest owns the database server of the tests: FerretDB, which
// speaks the wire protocol of MongoDB over SQLite files, as a child process
// that can be killed, stopped and started again on the same files and port.
//
//	storage/mongo/ferret (own go.mod) ──go build, once──► cache ──► child process
//
// The binary is built on first use into the user's cache directory, under the
// hash of what it is made of, so that `go test ./...` needs nothing but Go and
// its module proxy.
//
// FerretDB is not MongoDB: it ignores write concern, read concern, sessions and
// transaction numbers, has no replica set, and its update is a read and a
// write. What a replica set adds is played by storage/mongo/wiretest in front
// of it and by storage/mongo/explore; rollback and compare-and-set are shown by
// neither.
package ferrettest
