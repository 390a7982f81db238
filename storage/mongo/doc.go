// Package mongo is the archive of production: the log and its views as
// collections of a MongoDB replica set, which several gateways share.
//
//	one insert {w: "majority", j: true} commits a batch
//	                    │
//	bodies ◄── names ── batches ── is folded into ──► views, watermarks
//	{_id: digest}       {_id: number, nonce, …}       {_id: …, at: index}
//	insert only         insert only, in order         written behind, of one generation
//
//	meta {_id: what}    origin, keys, version of the schema: who joins must agree
//
// [Connect] is the one way to the database. It sets what the log rests on, for
// every command, and refuses a deployment that cannot keep it:
//
//	majority write concern with journal   an acknowledged batch survives any one member
//	majority read concern on the primary  what was read can never be rolled back
//	replica set                           a standalone server has no majority
//	writeConcernMajorityJournalDefault    false makes a majority of memories, not of disks
//	MongoDB 5.0                           the first whose majority reads cannot be turned off
//
// The database of the tests is no MongoDB: storage/mongo/ferrettest starts it,
// storage/mongo/wiretest plays the replica set before it, storage/mongo/explore
// models what neither can show.
package mongo
