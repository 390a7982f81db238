package mongo

import (
	"context"
	"fmt"
	"slices"

	"accord/storage"
)

// Orphans calls f, in order, with the _id of every body that no batch names.
// They are harmless: their gateway was killed between the two writes, or
// another one took the number. One that was sent a moment ago may still be
// named, so nothing may be deleted for standing here.
func (l *Log) Orphans(ctx context.Context, f func(id string) error) error {
	unnamed, early := map[string]bool{}, map[string]bool{}
	ids := &idStream{log: l, unnamed: unnamed, named: true}
	err := l.Batches(ctx, 0, false, func(b *storage.Batch) error {
		for _, e := range b.Entries {
			if e.BodyLen == 0 {
				continue
			}
			id := bodyID(e.Ref, 0)
			found, err := ids.seek(ctx, id)
			if err != nil {
				return err
			}
			if !found {
				early[id] = true // sent for an earlier number
			}
		}
		return nil
	})
	if err == nil {
		_, err = ids.seek(ctx, "~") // above every _id
	}
	if err != nil {
		return fmt.Errorf("list orphans: %w", err)
	}
	var orphans []string
	for id := range unnamed {
		if !early[id] {
			orphans = append(orphans, id)
		}
	}
	slices.Sort(orphans)
	for _, id := range orphans {
		if err := f(id); err != nil {
			return err
		}
	}
	return nil
}

// idStream reads the _ids of all bodies in order, a page at a time.
type idStream struct {
	log     *Log
	page    []string // not looked at yet
	last    string   // of the page
	current string
	named   bool            // the current one is named by a batch
	unnamed map[string]bool // those that were passed and are not
	ended   bool
}

const idPage = 4096

// seek goes up to an _id and reports whether it is there.
func (s *idStream) seek(ctx context.Context, id string) (found bool, err error) {
	for s.current < id && !s.ended {
		if !s.named {
			s.unnamed[s.current] = true
		}
		if err := s.next(ctx); err != nil {
			return false, err
		}
	}
	if s.current != id {
		return false, nil
	}
	s.named = true
	return true, nil
}

// next goes to the next body; later parts of one do not count.
func (s *idStream) next(ctx context.Context) error {
	for {
		if len(s.page) == 0 {
			var docs []struct {
				ID string `bson:"_id"`
			}
			if err := s.log.store.all(ctx, s.log.bodies, askBodyIDs, idPage, &docs, s.last); err != nil {
				return err
			}
			if s.ended = len(docs) == 0; s.ended {
				return nil
			}
			for _, d := range docs {
				s.page = append(s.page, d.ID)
			}
			s.last = s.page[len(s.page)-1]
		}
		s.current, s.page, s.named = s.page[0], s.page[1:], false
		if len(s.current) == len(bodyID(0, 0)) {
			return nil
		}
	}
}
