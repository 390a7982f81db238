package explore

import "math/bits"

// reader reads one page of a feed from its beginning, at one gateway.
type reader struct {
	stage   uint8 // 0: nobody reads
	gateway uint8
	gen     uint8
	want    uint8 // entries that the gateway had shown when the request came
	low     uint8 // the pinned overlay holds entries low…high
	high    uint8
	mark    uint8 // watermark as read
	size    uint8 // of the newest checkpoint; only of a mutant
	rows    uint8 // as read; only between two steps of a mutant
}

// project emits what a gateway's projector and overlay can do: rows of a batch
// go in any order, the watermark after them.
func (x *explorer) project(w *world, i int) {
	g := &w.g[i]
	size := w.size(&g.log, g.shown)
	gens := []uint8{g.gen}
	if w.major.rebuild && g.gen == 0 {
		gens = append(gens, 1)
	}
	for _, gen := range gens {
		for missing := below(size) &^ w.local.rows[gen]; missing != 0; missing &= missing - 1 {
			next := *w
			next.local.rows[gen] |= 1 << bits.TrailingZeros8(missing)
			x.emit(i, "row written", &next)
		}
		x.raiseMark(w, i, gen)
	}
	x.trim(w, i)
	x.rebuild(w, i)
}

// raiseMark raises a watermark to the end of a batch whose rows, and all before,
// the majority has.
func (x *explorer) raiseMark(w *world, i int, gen uint8) {
	g := &w.g[i]
	rows := w.major.rows[gen]
	if x.m == MarkBeforeMajority {
		rows = w.local.rows[gen]
	}
	for n := uint8(1); n <= g.shown; n++ {
		to := w.size(&g.log, n)
		if to <= w.local.mark[gen] || rows&below(to) != below(to) {
			continue
		}
		next := *w
		next.local.mark[gen] = to
		x.emit(i, "watermark raised", &next)
		if !w.paused.set {
			x.fault(w, Paused, i, "projector pauses", func(next *world) { next.paused = raise{true, gen, to} })
		}
	}
}

// wake lets a paused projector do what it had decided.
func (x *explorer) wake(w *world) {
	if !w.paused.set {
		return
	}
	next := *w
	mark := &next.local.mark[w.paused.gen]
	*mark = max(*mark, w.paused.to)
	next.paused = raise{}
	x.emit(nobody, "a paused projector goes on", &next)
}

// trim takes out of the overlay what the view has.
func (x *explorer) trim(w *world, i int) {
	x.read(w, i, "overlay cut", func(next *world, d *db) bool {
		g := &next.g[i]
		to := min(d.mark[g.gen], next.size(&g.log, g.shown))
		if to <= g.low {
			return false
		}
		g.low = to
		return true
	})
}

// read emits a read of the view, which goes in a session that never goes back:
// not from a stale primary, if this gateway has seen more.
func (x *explorer) read(w *world, i int, what string, f func(next *world, d *db) bool) {
	next := *w
	next.g[i].seen = w.g[i].seen || w.split && w.major != w.stale
	if f(&next, &w.major) {
		x.emit(i, what, &next)
	}
	if !w.split || w.major == w.stale || w.g[i].seen && x.m != ReadOutsideSession {
		return
	}
	next = *w
	if f(&next, &w.stale) {
		x.saw(ReadStale)
		x.emit(i, what+" from a stale primary", &next)
	}
}

// rebuild makes the view anew: another generation, which a gateway reads when
// its watermark has reached the gateway's overlay.
func (x *explorer) rebuild(w *world, i int) {
	if w.budget[Rebuild] > 0 {
		next := *w
		next.budget[Rebuild]--
		if x.m == RebuildInPlace {
			next.local.rows[0], next.local.mark[0] = 0, 0
		} else {
			next.local.rebuild = true
		}
		x.emit(i, "rebuild begins", &next)
	}
	if w.major.rebuild && w.local.gen == 0 && w.major.mark[1] >= w.major.mark[0] {
		next := *w
		next.local.gen = 1
		x.emit(i, "new view named", &next)
	}
	if w.g[i].gen == 0 {
		x.read(w, i, "view switched", func(next *world, d *db) bool {
			g := &next.g[i]
			if d.gen == 0 || d.mark[1] < g.low && x.m != SwitchTooEarly {
				return false
			}
			x.saw(Switched)
			g.gen = 1
			return true
		})
	}
}

// page emits the steps of a reader.
func (x *explorer) page(w *world) {
	r := &w.reader
	if r.stage == 0 {
		for i := range x.sc.Gateways {
			if w.reads > 0 && w.g[i].up {
				next := *w
				next.reads--
				next.ask(i)
				x.emit(i, "page asked for", &next)
			}
		}
		return
	}
	i := int(r.gateway)
	switch r.stage {
	case 1:
		x.read(w, i, "watermark read", func(next *world, d *db) bool {
			next.reader.mark = d.mark[r.gen]
			next.reader.size = next.size(&d.slots, d.slots.length())
			next.reader.stage = 2
			return true
		})
	case 2:
		x.read(w, i, "view read", func(next *world, d *db) bool {
			next.reader.rows = d.rows[r.gen]
			next.reader.stage = 3
			if x.m != ViewBeforeOverlay {
				next.show(x)
			}
			return true
		})
	case 3: // only of a mutant
		next := *w
		g := &next.g[i]
		next.reader.low, next.reader.high = g.low, next.size(&g.log, g.shown)
		next.show(x)
		x.emit(i, "overlay pinned late", &next)
	}
}

// ask begins a page: the overlay is pinned first.
func (w *world) ask(i int) {
	g := &w.g[i]
	size := w.size(&g.log, g.shown)
	w.reader = reader{stage: 1, gateway: uint8(i), gen: g.gen, want: size, low: g.low, high: size}
}

// show ends a page: the view up to the bound, above it the pinned overlay.
func (w *world) show(x *explorer) {
	r := w.reader
	bound, end := min(r.mark, r.high), r.high
	if x.m == PageToCheckpoint {
		bound, end = r.size, max(r.size, r.high)
	}
	there := r.rows&below(bound) | below(r.high)&^below(r.low)
	switch {
	case there&below(end) != below(end):
		w.bad = pageIncomplete
	case end < r.want:
		w.bad = pageTooShort
	}
	x.saw(PageRead)
	w.reader = reader{}
}
