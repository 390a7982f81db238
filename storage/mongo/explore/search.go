package explore

import (
	"fmt"
	"hash/maphash"
	"strings"
)

// nobody is the actor of what no gateway does.
const nobody = -1

// Result is what a search found.
type Result struct {
	States    int      // different worlds
	Ends      int      // of them: where nothing can happen any more
	Violation string   // empty: none
	Trace     []string // the steps that lead to it
	Deepest   int      // longest run
	met       [events]bool
	cut       bool
}

// Met reports whether an event was met.
func (r *Result) Met(e Event) bool { return r.met[e] }

// Whole reports whether the search went to the end of every run.
func (r *Result) Whole() bool { return !r.cut }

// String tells figures, and the trace if there is one.
func (r *Result) String() string {
	if r.Violation == "" {
		return fmt.Sprintf("%d worlds, %d ends, deepest %d", r.States, r.Ends, r.Deepest)
	}
	return fmt.Sprintf("%s, after %d worlds:\n  %s", r.Violation, r.States, strings.Join(r.Trace, "\n  "))
}

// key is a hash of a world, of 64 bits with a seed of each search: among ten
// million worlds two share one with a probability of 3 in a million.
type key uint64

// step is one step of a run.
type step struct {
	actor int
	what  string
}

func (s step) String() string {
	if s.actor == nobody {
		return s.what
	}
	return string(rune('A'+s.actor)) + ": " + s.what
}

// explorer is one search.
type explorer struct {
	sc     *Scenario
	m      Mutant
	seed   maphash.Seed
	seen   map[key]uint8 // depth at which it was met
	path   []step
	result Result
	steps  int // emitted by the world at hand
}

// Explore follows every order of every step of a scenario, worlds that were met
// left out, until an invariant is broken or nothing is left.
func Explore(sc Scenario, m Mutant) Result {
	x := &explorer{sc: &sc, m: m, seen: map[key]uint8{}, seed: maphash.MakeSeed()}
	w := sc.start()
	x.visit(&w)
	x.result.States = len(x.seen)
	return x.result
}

// visit explores from a world on.
func (x *explorer) visit(w *world) {
	depth := len(x.path)
	x.result.Deepest = max(x.result.Deepest, depth)
	if bad := w.check(x.sc); bad != none {
		x.report(bad)
		return
	}
	w.sweep()
	k := key(maphash.Comparable(x.seed, *w))
	if at, met := x.seen[k]; met && (x.sc.Depth == 0 || int(at) <= depth) {
		return
	}
	x.seen[k] = uint8(min(depth, 255))
	if x.sc.Depth > 0 && depth >= x.sc.Depth {
		x.result.cut = true
		return
	}
	before := x.steps
	x.steps = 0
	x.follow(w)
	if x.steps == 0 {
		x.result.Ends++
		if w.unanswered() {
			x.report(stuck)
		}
	}
	x.steps = before
}

// follow emits every step from a world.
func (x *explorer) follow(w *world) {
	if w.halted {
		return
	}
	for i := range x.sc.Gateways {
		if !w.g[i].up {
			x.open(w, i)
			continue
		}
		x.serve(w, i)
		if x.sc.Views {
			x.project(w, i)
		}
		x.fault(w, Crash, i, "crashes", func(next *world) {
			next.g[i].end()
			if next.reader.stage > 0 && next.reader.gateway == uint8(i) {
				next.reader = reader{}
			}
		})
	}
	x.outside(w)
	if x.sc.Views {
		x.wake(w)
		x.page(w)
	}
}

// emit takes one step.
func (x *explorer) emit(actor int, what string, next *world) {
	x.steps++
	if x.result.Violation != "" {
		return
	}
	if x.sc.Swift {
		next.major = next.local
	}
	x.path = append(x.path, step{actor, what})
	x.visit(next)
	x.path = x.path[:len(x.path)-1]
}

// fault takes a step that goes wrong, if the scenario has one left.
func (x *explorer) fault(w *world, f Fault, actor int, what string, change func(next *world)) {
	if w.budget[f] == 0 || w.total == 0 {
		return
	}
	next := *w
	next.budget[f]--
	next.total--
	change(&next)
	x.emit(actor, what+" !", &next)
}

// saw notes an event.
func (x *explorer) saw(e Event) { x.result.met[e] = true }

func (x *explorer) report(v violation) {
	x.result.Violation = v.String()
	for _, s := range x.path {
		x.result.Trace = append(x.result.Trace, s.String())
	}
}
