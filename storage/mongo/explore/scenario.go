package explore

// Draft is a document that a client sends, until it has an answer.
type Draft struct {
	Series uint8
	Value  uint8 // what the series is after it
	To     uint8 // set of gateways, as bits
}

// A and B and C are gateways as sets.
const (
	A = 1 << iota
	B
	C
)

// Fault is what can go wrong at any step, each as often as a scenario allows.
type Fault uint8

const (
	Crash     Fault = iota // a gateway ends; what it kept on disk stays
	Unknown                // an answer is lost, or the request before it was applied
	Late                   // a request stays in the network and is applied at any later time
	StaleRead              // a primary without a majority goes on to answer reads
	EmptyRead              // the read of a winner finds nothing
	Rollback               // another primary, without what the majority does not have
	Restore                // the gateways are stopped and an older backup is put in place
	Paused                 // a projector halts before it raises a watermark
	Rebuild                // an operator has the view made anew; not counted as a fault
	faults
)

// Scenario is what is explored: every order of every step. Meets lists what a
// search must have met, or it has not looked.
type Scenario struct {
	Name     string
	Gateways int
	Drafts   []Draft
	Prefix   bool // the first draft stands already, and everybody has seen it
	Faults   map[Fault]int
	Total    int  // faults in one run
	Views    bool // views are written
	Swift    bool // the majority follows at once
	Reads    int  // pages that are read
	Depth    int  // of the search; 0: to the end
	Meets    []Event
}

// start returns the world before anything happened.
func (sc *Scenario) start() world {
	w := world{reads: uint8(sc.Reads), total: uint8(sc.Total)}
	for f, n := range sc.Faults {
		w.budget[f] = uint8(n)
	}
	w.roots[0] = w.root(&w.local.slots, 0)
	if sc.Prefix {
		b := batch{prev: w.roots[0], n: 1, nonce: prefixBatch}
		w.attempts[prefixBatch-1] = b
		w.local = db{bodies: 1, slots: ledgerOf{prefixBatch}, rows: [2]uint8{1}, mark: [2]uint8{1}}
		w.major = w.local
		w.published, w.roots[1] = 1, b.root(w.roots[0])
		w.acked[0] = 1
	}
	for i := range sc.Gateways {
		g := &w.g[i]
		n := w.local.slots.length()
		g.up, g.log, g.applied, g.shown, g.low = true, w.local.slots, n, n, w.local.mark[0]
		g.mem, g.memRoot = n, w.roots[n]
		for d, draft := range sc.Drafts {
			if draft.To&(1<<i) != 0 {
				g.toCome |= 1 << d
			}
		}
	}
	return w
}
