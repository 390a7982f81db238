package explore

// Bounds of the model. They are sizes of arrays, so that a world is a plain
// value that can be copied, compared and hashed; the search panics if a
// scenario outgrows them.
const (
	maxGateways = 3
	maxDrafts   = 5 // also the greatest number of batches: each has an entry
	maxBatches  = maxDrafts
	maxEntries  = 3 // of one batch
	maxOwn      = 4 // batches that a gateway made and that something still names
	maxAttempts = maxGateways*maxOwn + 1
	prefixBatch = maxAttempts // the batch that stands at the beginning
	maxLate     = 2           // requests that wait in the network
)

// entry is what the log keeps of a draft. Indexes are counted from 1, so that
// 0 is none.
type entry struct {
	draft     uint8
	rest      uint8 // the series' last entry when it was judged
	leafBatch uint8 // what was hashed into the leaf: the batch's number
	leafPrev  uint8 // and the series' entry before
}

// batch is the unit of the log. Its place in world.attempts, from 1, is its
// identity; nonce is that identity unless a mutant says otherwise.
type batch struct {
	gateway, life uint8 // who made it
	number        uint8
	base          uint8  // entries before it
	prev          uint32 // root before it
	nonce         uint8
	n             uint8
	entries       [maxEntries]entry
}

// ledgerOf is a list of batches, each by its identity; 0 is none.
type ledgerOf [maxBatches]uint8

// db is what a member of the replica set holds.
type db struct {
	bodies uint8 // set of drafts
	slots  ledgerOf
	gen    uint8 // the view that who opens reads
	// Of each generation of the view: rows are a set of entries, mark is how
	// many are said to be there.
	rows    [2]uint8
	mark    [2]uint8
	rebuild bool // a second generation is being written
}

// phase is where a gateway is with its batch.
type phase uint8

const (
	idle        phase = iota
	bodiesWait        // bodies applied on the primary, not known to the majority
	bodiesRetry       // outcome unknown
	ready             // bodies durable; the batch is to be inserted, or again
	batchWait         // batch applied on the primary
	duplicate         // another of that number stands
	acting            // a batch is durable and goes through the acts
	gaveUp            // only of a mutant
)

// gateway is a process. What a crash leaves is life, mem, memRoot and what
// clients will send again.
type gateway struct {
	up      bool
	life    uint8
	mem     uint8 // signer's memory: number of batches
	memRoot uint32

	toCome  uint8 // drafts that clients have not sent yet, or will send again
	pending uint8 // drafts without an answer
	checked uint8 // of them: judged, resting on rest
	rest    [maxDrafts]uint8

	log     ledgerOf
	applied uint8 // batches in the tree
	shown   uint8 // batches that readers see

	phase  phase
	act    uint8 // next act
	own    bool  // the acts are for a batch of its own
	cur    uint8 // its batch on the way
	unsure bool  // only of a mutant: cur was sent before

	early [maxDrafts]entry // only of a mutant: leaves hashed too early

	low  uint8 // entries below are in the view and no longer in the overlay
	gen  uint8 // the view it reads
	seen bool  // it has read what is newer than the stale primary's data
}

// raise is a watermark that a projector has decided to write.
type raise struct {
	set     bool
	gen, to uint8
}

// world is everything at one moment.
type world struct {
	local db // the primary's data
	major db // what a majority has
	stale db // what a primary without a majority still shows
	saved db // a backup

	split  bool // a stale primary answers too
	backup bool
	halted bool // a restored backup was refused

	attempts [maxAttempts]batch
	g        [maxGateways]gateway
	late     [maxLate]uint8 // inserts of batches that are still in the network
	paused   raise

	// What was signed or shown: roots by number of batches.
	published uint8
	roots     [maxBatches + 1]uint32
	acked     [maxDrafts]uint8 // index in the receipt

	reader reader
	reads  uint8
	budget [faults]uint8
	total  uint8
	bad    violation
}

func (w *world) at(id uint8) *batch { return &w.attempts[id-1] }

// size returns the number of entries in the first n batches.
func (w *world) size(log *ledgerOf, n uint8) (size uint8) {
	for _, id := range log[:n] {
		size += w.at(id).n
	}
	return size
}

// length returns the number of batches up to the first hole.
func (log *ledgerOf) length() uint8 {
	for n, id := range log {
		if id == 0 {
			return uint8(n)
		}
	}
	return maxBatches
}

// root returns the hash of the first n batches.
func (w *world) root(log *ledgerOf, n uint8) uint32 {
	root := uint32(2166136261)
	for _, id := range log[:n] {
		root = w.at(id).root(root)
	}
	return root
}

// root continues a root with the batch's leaves (FNV-1a).
func (b *batch) root(root uint32) uint32 {
	for _, e := range b.entries[:b.n] {
		for _, v := range [...]uint8{e.draft + 1, e.leafBatch, e.leafPrev} {
			root = (root ^ uint32(v)) * 16777619
		}
	}
	return root
}

// last returns the index of a series' last entry in a log and a batch that is
// being made, 0 if there is none.
func (w *world) last(sc *Scenario, log *ledgerOf, n uint8, making *batch, series uint8) (last uint8) {
	index := uint8(0)
	each := func(b *batch) {
		for _, e := range b.entries[:b.n] {
			index++
			if sc.Drafts[e.draft].Series == series {
				last = index
			}
		}
	}
	for _, id := range log[:n] {
		each(w.at(id))
	}
	if making != nil {
		each(making)
	}
	return last
}

// find returns the index of a draft's entry, and the number of batches up to
// it; 0 if it is not there.
func (w *world) find(log *ledgerOf, n uint8, draft uint8) (index, upTo uint8) {
	for k, id := range log[:n] {
		b := w.at(id)
		for _, e := range b.entries[:b.n] {
			index++
			if e.draft == draft {
				return index, uint8(k) + 1
			}
		}
	}
	return 0, 0
}

// draftAt returns the draft at an index.
func (w *world) draftAt(log *ledgerOf, n, index uint8) (draft uint8, ok bool) {
	at := uint8(0)
	for _, id := range log[:n] {
		b := w.at(id)
		for _, e := range b.entries[:b.n] {
			if at++; at == index {
				return e.draft, true
			}
		}
	}
	return 0, false
}

// keep gives a batch its identity: that of an equal one of the same gateway, or
// a free place.
func (w *world) keep(b batch) uint8 {
	first := b.gateway * maxOwn
	for i := first; i < first+maxOwn; i++ {
		same := w.attempts[i]
		if b.nonce == 0 {
			same.nonce = 0
		}
		if same == b {
			return i + 1
		}
	}
	for i := first; i < first+maxOwn; i++ {
		if w.attempts[i].n == 0 {
			if b.nonce == 0 {
				b.nonce = i + 1
			}
			w.attempts[i] = b
			return i + 1
		}
	}
	panic("explore: a gateway made more batches than the model holds")
}

// sweep forgets batches that nothing names, so that worlds that differ only in
// them are the same.
func (w *world) sweep() {
	var named [maxAttempts + 1]bool
	mark := func(log *ledgerOf) {
		for _, id := range log {
			named[id] = true
		}
	}
	for _, d := range [...]*db{&w.local, &w.major, &w.stale, &w.saved} {
		mark(&d.slots)
	}
	for i := range w.g {
		mark(&w.g[i].log)
		named[w.g[i].cur] = true
	}
	for _, id := range w.late {
		named[id] = true
	}
	for i := range w.attempts {
		if !named[i+1] {
			w.attempts[i] = batch{}
		}
	}
}

// below is the set of the first n entries.
func below(n uint8) uint8 { return 1<<n - 1 }
