// Package local is the embedded archive: a journal of checksummed batches that
// decides durability and order (Journal), and a SQLite file written behind
// that answers questions (Index).
//
//	DIR/lock
//	DIR/journal/%016d.seg   batches; the name is the number of the first
//	DIR/journal/spare       zeros: the next segment while it is made
//	DIR/index.sqlite        the view; may be deleted and is then made anew
//
// The view says where an entry lies; what it says is read from the journal.
//
// The view finds an entry by about a dozen keys. Those of the newest 65,536
// entries are in memory; those of full epochs lie sorted in blocks, and a
// filter says without a query that an epoch has no such series.
//
// One write and one fdatasync make a batch durable; nothing of the next is
// written before that sync returned. A torn last batch is cut whole at open;
// damage elsewhere is refused. After a failed fsync the journal refuses
// everything: what the page cache says then is not what the disk holds, and
// the process has to end and recover.
package local
