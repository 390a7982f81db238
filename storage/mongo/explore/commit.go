package explore

import "math/bits"

// serve emits every step that a running gateway can take with batches.
func (x *explorer) serve(w *world, i int) {
	g := &w.g[i]
	x.arrivals(w, i)
	switch g.phase {
	case idle:
		x.sequence(w, i)
		x.poll(w, i)
	case bodiesRetry:
		x.insertBodies(w, i, "bodies again")
	case bodiesWait:
		next := *w
		if mask := w.draftsOf(g.cur); w.major.bodies&mask == mask {
			next.g[i].phase = ready
			x.emit(i, "bodies are durable", &next)
		}
		x.fault(w, Unknown, i, "answer to bodies lost", func(next *world) { next.g[i].phase = bodiesRetry })
	case ready:
		x.insertBatch(w, i)
	case batchWait:
		if w.major.slots[w.at(g.cur).number] == g.cur {
			next := *w
			if x.m == FenceOff {
				next.catchUp(i)
			}
			next.g[i].take(g.cur, true)
			x.emit(i, "batch is durable", &next)
		}
		x.fault(w, Unknown, i, "answer to batch lost", func(next *world) { next.g[i].again(x.m) })
	case duplicate:
		x.settle(w, i)
	case acting:
		next := *w
		what := next.do(x, i)
		x.emit(i, what, &next)
	}
}

// arrivals lets clients send their drafts; each is judged as it comes, on the
// log as it is applied here.
func (x *explorer) arrivals(w *world, i int) {
	g := &w.g[i]
	for d := range uint8(len(x.sc.Drafts)) {
		if g.toCome&(1<<d) == 0 {
			continue
		}
		next := *w
		ng := &next.g[i]
		ng.toCome &^= 1 << d
		ng.pending |= 1 << d
		next.judge(x.sc, i, d)
		x.emit(i, "draft arrives", &next)
	}
}

// judge notes what a draft rests on.
func (w *world) judge(sc *Scenario, i int, d uint8) {
	g := &w.g[i]
	g.checked |= 1 << d
	g.rest[d] = w.last(sc, &g.log, g.applied, nil, sc.Drafts[d].Series)
}

// sequence makes a batch of the drafts that were judged: the guards are looked
// at again, the leaf is hashed last.
func (x *explorer) sequence(w *world, i int) {
	g := &w.g[i]
	for d := range uint8(len(x.sc.Drafts)) {
		if g.pending&(1<<d) == 0 || x.m == WinnerNotDropped {
			continue
		}
		if index, upTo := w.find(&g.log, g.applied, d); index != 0 {
			next := *w
			next.replay(x.m, i, d, index, upTo)
			x.saw(Replayed)
			x.emit(i, "replayed", &next)
			return
		}
	}
	if g.pending == 0 {
		return
	}
	next := *w
	b := next.fill(x, i, g.pending)
	if b.n == 0 { // all rest on what is no longer the last: judged anew
		x.saw(Rejudged)
		x.emit(i, "guards failed", &next)
		return
	}
	next.g[i].cur = next.keep(b)
	x.insertBodies(&next, i, "sequenced, bodies sent")
}

// fill makes a batch of those drafts whose guards hold; the others are
// judged anew.
func (w *world) fill(x *explorer, i int, drafts uint8) batch {
	g := &w.g[i]
	log, n := &g.log, g.applied
	if x.m == FenceOff { // it judges on what the primary shows
		log, n = &w.local.slots, w.local.slots.length()
	}
	b := batch{gateway: uint8(i), life: g.life, number: n, base: w.size(log, n), prev: w.root(log, n)}
	for d := range uint8(len(x.sc.Drafts)) {
		if drafts&(1<<d) == 0 || b.n == maxEntries {
			continue
		}
		last := w.last(x.sc, log, n, &b, x.sc.Drafts[d].Series)
		if x.m == FenceOff {
			if index, _ := w.find(log, n, d); index != 0 {
				continue
			}
			g.rest[d] = last
		}
		if !w.holds(x, i, d, last) {
			w.judge(x.sc, i, d)
			continue
		}
		e := entry{draft: d, rest: g.rest[d], leafBatch: b.number, leafPrev: last}
		if x.m == LeafBeforeConflict {
			if g.early[d] != (entry{}) {
				e.leafBatch, e.leafPrev = g.early[d].leafBatch, g.early[d].leafPrev
			}
			g.early[d] = e
		}
		b.entries[b.n] = e
		b.n++
	}
	return b
}

// holds looks at the guard of a draft.
func (w *world) holds(x *explorer, i int, d, last uint8) bool {
	g := &w.g[i]
	if g.rest[d] == last {
		return true
	}
	if x.m != GuardByValue {
		return false
	}
	was, _ := w.draftAt(&g.log, g.applied, g.rest[d])
	is, ok := w.draftAt(&g.log, g.applied, last)
	return ok && g.rest[d] != 0 && x.sc.Drafts[was].Value == x.sc.Drafts[is].Value
}

// replay answers what the log has already with its first receipt.
func (w *world) replay(m Mutant, i int, d, index, upTo uint8) {
	g := &w.g[i]
	g.note(w, m, upTo)
	w.publish(&g.log, upTo)
	w.acknowledge(d, index)
	g.answered(d)
}

func (g *gateway) answered(d uint8) {
	g.pending &^= 1 << d
	g.checked &^= 1 << d
	g.rest[d], g.early[d] = 0, entry{}
}

// insertBodies is one bulk: applied, or lost on the way.
func (x *explorer) insertBodies(w *world, i int, what string) {
	next := *w
	mask := w.draftsOf(w.g[i].cur)
	there := w.local.bodies&mask == mask
	next.local.bodies |= mask
	next.g[i].phase = bodiesWait
	if x.m == DuplicateWithoutConcern && there {
		next.g[i].phase = ready
	}
	x.emit(i, what, &next)
	x.fault(w, Unknown, i, what+" and lost", func(next *world) { next.g[i].phase = bodiesRetry })
}

// draftsOf is the set of drafts of a batch.
func (w *world) draftsOf(id uint8) (mask uint8) {
	b := w.at(id)
	for _, e := range b.entries[:b.n] {
		mask |= 1 << e.draft
	}
	return mask
}

// insertBatch is the commit point. What is lost on the way may come late.
func (x *explorer) insertBatch(w *world, i int) {
	from := *w
	if x.m == RetryOtherContent && w.g[i].unsure {
		from.grow(x, i)
	}
	next := from
	id := next.g[i].cur
	number := next.at(id).number
	if next.local.slots[number] == 0 {
		next.local.slots[number] = id
		next.g[i].phase = batchWait
		next.tooEarly(x, i)
	} else {
		next.g[i].phase = duplicate
	}
	x.emit(i, "batch sent", &next)
	x.fault(&from, Late, i, "batch stays in the network", func(next *world) {
		for k := range next.late {
			if next.late[k] == 0 {
				next.late[k] = id
				next.g[i].again(x.m)
				return
			}
		}
		panic("explore: more late requests than the model holds")
	})
}

// grow adds what has come since to a batch that was sent before, under the same
// nonce.
func (w *world) grow(x *explorer, i int) {
	g := &w.g[i]
	old := *w.at(g.cur)
	b := w.fill(x, i, g.pending)
	if b.n > old.n {
		b.nonce = old.nonce
		w.local.bodies |= g.pending
		w.major.bodies |= g.pending // bodies are not what this mutant is about
		g.cur = w.keep(b)
	}
}

// catchUp applies what a mutant had passed over.
func (w *world) catchUp(i int) {
	g := &w.g[i]
	for number := w.at(g.cur).number; g.applied < number; g.applied++ {
		g.log[g.applied] = w.major.slots[g.applied]
	}
}

// tooEarly does what a mutant does before its batch is durable.
func (w *world) tooEarly(x *explorer, i int) {
	g := &w.g[i]
	log, n := g.log, g.applied
	log[n] = g.cur
	for _, a := range x.m.acts() {
		switch a {
		case durable:
			return
		case sign, show:
			w.publish(&log, n+1)
		case answer:
			w.acknowledgeAll(&log, n)
		}
	}
}

// acknowledgeAll answers the clients of batch n of a log.
func (w *world) acknowledgeAll(log *ledgerOf, n uint8) {
	b := w.at(log[n])
	for k, e := range b.entries[:b.n] {
		w.acknowledge(e.draft, b.base+uint8(k)+1)
	}
}

// again means: the outcome is unknown, so the same bytes are sent again.
func (g *gateway) again(m Mutant) {
	g.phase = ready
	if m == GivesUp {
		g.phase = gaveUp
	}
	g.unsure = m == RetryOtherContent
}

// settle reads the winner of a number: nothing, ours, or another's.
func (x *explorer) settle(w *world, i int) {
	number := w.at(w.g[i].cur).number
	from := &w.major
	if x.m == LocalSettle {
		from = &w.local
	}
	x.settleBy(w, i, from.slots[number], "winner read", w.split && *from != w.stale)
	if w.split && w.stale.slots[number] != from.slots[number] {
		x.saw(ReadStale)
		x.settleBy(w, i, w.stale.slots[number], "winner read from a stale primary", false)
	}
	x.fault(w, EmptyRead, i, "winner not found", func(next *world) { next.g[i].again(x.m) })
}

func (x *explorer) settleBy(w *world, i int, winner uint8, what string, newer bool) {
	next := *w
	g := &next.g[i]
	g.seen = g.seen || newer
	switch {
	case winner == 0:
		x.saw(FoundNothing)
		g.again(x.m)
	case next.at(winner).nonce == next.at(g.cur).nonce:
		x.saw(Adopted)
		if x.m != RetryOtherContent { // the stored bytes, not ours
			g.cur = winner
		}
		if x.m == FenceOff {
			next.catchUp(i)
		}
		g.take(g.cur, true)
	default:
		x.saw(Outrun)
		next.receive(x, i, winner)
	}
	x.emit(i, what, &next)
}

// poll reads the batch after those that are applied.
func (x *explorer) poll(w *world, i int) {
	g := &w.g[i]
	read := func(d *db, what string, newer bool) {
		id := d.slots[g.applied]
		if id == 0 {
			return
		}
		next := *w
		next.g[i].seen = g.seen || newer
		next.receive(x, i, id)
		x.emit(i, what, &next)
	}
	read(&w.major, "batch of the log read", w.split && w.major != w.stale)
	if w.split && w.stale.slots[g.applied] != w.major.slots[g.applied] {
		read(&w.stale, "batch of the log read from a stale primary", false)
	}
}

// receive applies a batch of another, if it follows.
func (w *world) receive(x *explorer, i int, id uint8) {
	g := &w.g[i]
	b := w.at(id)
	if b.base != w.size(&g.log, g.applied) || b.prev != w.root(&g.log, g.applied) || b.number != g.applied {
		w.bad = stoppedByFork
		return
	}
	g.take(id, false)
}

// take puts a durable batch into the tree.
func (g *gateway) take(id uint8, own bool) {
	g.log[g.applied] = id
	g.applied++
	g.phase, g.own, g.act, g.cur, g.unsure = acting, own, 0, 0, false
}

// do takes the next act for the batch that was applied last.
func (w *world) do(x *explorer, i int) string {
	g := &w.g[i]
	after := false
	var left []act
	for _, a := range x.m.acts() {
		if after && (g.own || a == note || a == show) {
			left = append(left, a)
		}
		after = after || a == durable
	}
	what := ""
	switch left[g.act] {
	case note:
		what = "noted in memory"
		g.note(w, x.m, g.applied)
	case sign:
		what = "signed"
		w.publish(&g.log, g.applied)
	case show:
		what = "shown"
		g.shown = g.applied
		w.publish(&g.log, g.applied)
	case answer:
		what = "answered"
		w.acknowledgeAll(&g.log, g.applied-1)
		for d := range maxDrafts {
			if w.draftsOf(g.log[g.applied-1])&(1<<d) != 0 {
				g.answered(uint8(d))
			}
		}
	}
	g.act++
	if int(g.act) == len(left) {
		if g.own && x.m == AnswerBeforeDurable {
			for mask := w.draftsOf(g.log[g.applied-1]); mask != 0; mask &= mask - 1 {
				g.answered(uint8(bits.TrailingZeros8(mask)))
			}
		}
		g.phase, g.act, g.own = idle, 0, false
	}
	return what
}

// note puts n batches into the signer's memory, which only grows.
func (g *gateway) note(w *world, m Mutant, n uint8) {
	if n > g.mem || m == SmallerMemory {
		g.mem, g.memRoot = n, w.root(&g.log, n)
	}
}
