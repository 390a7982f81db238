package explore

// outside emits the steps of the replica set, the network and the operators.
func (x *explorer) outside(w *world) {
	if w.local != w.major {
		next := *w
		next.major = w.local
		x.emit(nobody, "the majority has it", &next)
		x.fault(w, Rollback, nobody, "another primary; rolled back", func(next *world) { next.rollBack(x) })
	}
	for k, id := range w.late {
		if id == 0 {
			continue
		}
		next := *w
		next.late[k] = 0
		if slot := &next.local.slots[w.at(id).number]; *slot == 0 {
			x.saw(CameLate)
			*slot = id
		}
		x.emit(nobody, "a late batch arrives", &next)
	}
	if !w.split {
		x.fault(w, StaleRead, nobody, "a stale primary goes on", func(next *world) {
			next.split, next.stale = true, next.major
			for i := range next.g {
				next.g[i].seen = false
			}
		})
	}
	if w.budget[Restore] > 0 && w.total > 0 && !w.backup {
		next := *w
		next.backup, next.saved = true, w.major
		x.emit(nobody, "backup", &next)
	}
	if w.backup && w.saved != w.major {
		x.fault(w, Restore, nobody, "backup restored", func(next *world) { next.restore(x) })
	}
}

// rollBack makes a member primary that has what the majority has. Whoever waits
// for an answer of the old one learns nothing.
func (w *world) rollBack(x *explorer) {
	x.saw(RolledBack)
	w.local = w.major
	for i := range w.g {
		switch g := &w.g[i]; g.phase {
		case bodiesWait:
			g.phase = bodiesRetry
		case batchWait:
			g.again(x.m)
		}
	}
}

// restore stops everybody, puts the backup in place, and lets nobody serve it
// unless it contains every gateway's memory: one that saw less would fork what
// another has signed.
func (w *world) restore(x *explorer) {
	w.local, w.major = w.saved, w.saved
	w.split, w.stale, w.backup, w.saved = false, db{}, false, db{}
	w.late, w.paused, w.reader = [maxLate]uint8{}, raise{}, reader{}
	refused := 0
	for i := range x.sc.Gateways {
		w.g[i].end()
		if !w.contains(&w.g[i], &w.major.slots) {
			refused++
		}
	}
	// Alone, each that refuses stays down and the others go on.
	w.halted = refused > 0 && (x.m != RestoreCheckedAlone || refused == x.sc.Gateways)
	if w.halted {
		x.saw(RestoreRefused)
	} else {
		x.saw(RestoreServed)
	}
}

// contains reports whether a log has what a gateway's memory says.
func (w *world) contains(g *gateway, log *ledgerOf) bool {
	return g.mem <= log.length() && w.root(log, g.mem) == g.memRoot
}

// end is what a crash leaves of a gateway. Clients without an answer send
// again.
func (g *gateway) end() {
	*g = gateway{life: g.life + 1, mem: g.mem, memRoot: g.memRoot, toCome: g.toCome | g.pending}
}

// open reads the log by majority and holds it against the memory. A log that is
// too short because a stale primary showed it is refused, and opened again
// later.
func (x *explorer) open(w *world, i int) {
	g := &w.g[i]
	from := func(d *db, what string, newer bool) {
		if !w.contains(g, &d.slots) {
			return
		}
		next := *w
		ng := &next.g[i]
		ng.up, ng.seen = true, newer
		ng.log, ng.applied = d.slots, d.slots.length()
		ng.gen = d.gen
		ng.low = min(d.mark[d.gen], next.size(&ng.log, ng.applied))
		for k := range ng.log[ng.applied:] {
			ng.log[int(ng.applied)+k] = 0
		}
		// What it reads it shows, so it notes it first.
		ng.note(&next, x.m, ng.applied)
		ng.shown = ng.applied
		next.publish(&ng.log, ng.shown)
		x.emit(i, what, &next)
	}
	if !w.contains(g, &w.major.slots) && !w.halted && x.m != RestoreCheckedAlone {
		next := *w
		next.bad = wronglyRefused
		x.emit(i, "opens", &next)
		return
	}
	from(&w.major, "opens", w.split && w.major != w.stale)
	if w.split && w.stale != w.major {
		from(&w.stale, "opens on a stale primary", false)
	}
}
