// Package storage owns the archive: one ordered log of batches, and views of
// it that are written behind.
//
//	Draft ──► sequencer ──► Log.Append ──► tree ──► memory ──► overlay ──► Stored
//	          (order, guards,  durable       root     noted     shown      receipt
//	           leaf last)                                  │
//	                                                       └──► projector ──► Index
//
// What is hard (order, guards, what the views have not seen yet, checkpoints)
// is written once, in [Archive], over two contracts that each technology
// fulfils: [Log] decides durability and order, [Index] answers questions and can
// be made anew from the log alone. Backends: storage/local (journal and SQLite,
// one process), storage/mongo (a replica set, any number of gateways).
//
// The package does not open documents: what an entry is about comes with its
// [Draft] as index fields. Who may see an entry is part of every question.
package storage
