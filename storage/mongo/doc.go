// Package mongo is the archive of production: the log and its views as
// collections of a MongoDB replica set, which several gateways share.
//
//	Append ──► 1. bodies of the batch ──► 2. the batch: the commit point ──► Apply, behind
//	              one insert, unordered      one insert                         one insert a collection
//	              {_id: ref, …}              {_id: number, digest, nonce, …}    entries_N, tiles_N, then
//	                                         {w: "majority", j: true}           the watermark in views
//
// A number is whose insert is first; whoever lost it reads the winner, judges
// again and takes the next. A body's ref is a number that only this attempt can
// have used, so a batch that never came to stand leaves orphans and nothing
// else. The views have generations, N, which are made anew beside those that
// answer.
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
