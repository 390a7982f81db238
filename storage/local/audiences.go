package local

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"sync"

	"accord/attestation"
	"accord/storage"
)

// audiences are the sets of partners that entries are for. There are few, so
// all of them are kept in memory.
type audiences struct {
	mu      sync.RWMutex
	ids     map[string]int64                  // by joined partners; guarded by mu
	sets    map[int64]string                  // joined partners by number; guarded by mu
	members map[attestation.PartnerID][]int64 // sets a partner is in; guarded by mu
}

// set is one audience as a row has it.
type set struct {
	id     int64
	joined string
}

func join(partners []attestation.PartnerID) string {
	names := make([]string, len(partners))
	for i, p := range partners {
		names[i] = string(p)
	}
	return strings.Join(names, " ")
}

func (a *audiences) load(ctx context.Context, db *sql.DB) error {
	a.mu.Lock()
	a.ids, a.sets, a.members = map[string]int64{}, map[int64]string{}, map[attestation.PartnerID][]int64{}
	a.mu.Unlock()
	rows, err := db.QueryContext(ctx, `SELECT id, partners FROM audiences ORDER BY id`)
	if err != nil {
		return err
	}
	defer rows.Close()
	var sets []set
	for rows.Next() {
		var s set
		if err := rows.Scan(&s.id, &s.joined); err != nil {
			return err
		}
		sets = append(sets, s)
	}
	a.add(sets)
	return rows.Err()
}

// add takes in what was committed.
func (a *audiences) add(sets []set) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, s := range sets {
		a.ids[s.joined], a.sets[s.id] = s.id, s.joined
		for p := range strings.FieldsSeq(s.joined) {
			a.members[attestation.PartnerID(p)] = append(a.members[attestation.PartnerID(p)], s.id)
		}
	}
}

// insert writes the sets that are not there yet.
func (a *audiences) insert(ctx context.Context, conn *sql.Conn, entries []*storage.Entry) ([]set, error) {
	var fresh []set
	for _, e := range entries {
		if a.id(e.Audience, fresh) != 0 {
			continue
		}
		s := set{joined: join(e.Audience)}
		res, err := conn.ExecContext(ctx, `INSERT INTO audiences (partners) VALUES (?)`, s.joined)
		if err != nil {
			return nil, err
		}
		if s.id, err = res.LastInsertId(); err != nil {
			return nil, err
		}
		fresh = append(fresh, s)
	}
	return fresh, nil
}

// id returns the number of a set, 0 when it has none.
func (a *audiences) id(partners []attestation.PartnerID, fresh []set) int64 {
	joined := join(partners)
	a.mu.RLock()
	id := a.ids[joined]
	a.mu.RUnlock()
	if id == 0 {
		if i := slices.IndexFunc(fresh, func(s set) bool { return s.joined == joined }); i >= 0 {
			return fresh[i].id
		}
	}
	return id
}

// of returns the sets that a partner is in.
func (a *audiences) of(p attestation.PartnerID) []int64 {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return slices.Clone(a.members[p])
}

// are says whether a set has just these partners, in that order.
func (a *audiences) are(id int64, partners []attestation.PartnerID) bool {
	a.mu.RLock()
	left, ok := a.sets[id]
	a.mu.RUnlock()
	for i, p := range partners {
		if i > 0 {
			left, ok = strings.CutPrefix(left, " ")
		}
		var found bool
		left, found = strings.CutPrefix(left, string(p))
		if !ok || !found {
			return false
		}
	}
	return ok && left == ""
}
