// Package wiretest owns the wire between the driver and a database of the
// tests: a proxy that plays a replica set, writes down every command, and
// breaks what it is told to break.
//
//	driver ──► member 0 ─┐                       ┌── Commands, AssertSafe
//	       ──► member 1 ─┼─► rules ──► server    │
//	       ──► member 2 ─┘  (faults)  (FerretDB) └── AssertShapes
//
// All members show one server. What makes them a replica set is their answer
// to hello: set name, hosts, who is primary, election. A member that is not
// primary refuses writes and reads that ask for the primary, as MongoDB does.
// Answers carry operationTime and $clusterTime, so that causally consistent
// sessions send afterClusterTime.
//
// What it does not do: the server sees every write at once, so nothing here is
// ever rolled back or read stale (storage/mongo/explore models that), and a
// retried write is applied anew where MongoDB would repeat its first answer.
//
// Beginnings of a rule's action, in the order in which they happen:
//
//	Delay, Hold ─► Lose? ─► server ─► HoldAnswer ─► Cut? ─► Reply, Code, Concern ─► driver
package wiretest
