package mongo

import (
	"context"
	"fmt"

	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"accord/storage"
)

// maxPassed bounds, in octets, the bodies that a stream keeps because they may
// be named later.
const maxPassed = 32 << 20

// stream reads bodies in the order of their _id, which is nearly that of the
// log: whoever reads the whole log asks once and not for every batch.
type stream struct {
	log     *Log
	session *driver.Session
	cursor  *driver.Cursor
	current bodyDoc
	passed  map[string][]byte // read and not asked for yet
	size    int               // of passed
}

// open begins at an _id.
func (s *stream) open(ctx context.Context, from string) (err error) {
	if s.session, err = s.log.store.seen.begin(true); err != nil {
		return err
	}
	s.current, s.passed, s.size = bodyDoc{}, map[string][]byte{}, 0
	ctx = driver.NewSessionContext(ctx, s.session)
	s.cursor, err = s.log.bodies.Find(ctx, askBodyRange.filter(from), askBodyRange.options(0).SetBatchSize(readAhead))
	if err != nil {
		s.close(ctx)
	}
	return err
}

func (s *stream) close(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	if s.cursor != nil {
		_ = s.cursor.Close(ctx) // the server forgets it anyway
		s.cursor = nil
	}
	if s.session != nil {
		s.session.EndSession(ctx)
		s.session = nil
	}
}

// get returns the document of an _id: from the stream if it comes there, else
// by itself. One that was first sent for an earlier number is behind.
func (s *stream) get(ctx context.Context, id string) (bodyDoc, error) {
	if s.cursor == nil {
		if err := s.open(ctx, id); err != nil {
			return bodyDoc{}, fmt.Errorf("read bodies: %w", err)
		}
	}
	if data, ok := s.passed[id]; ok {
		delete(s.passed, id)
		s.size -= len(data)
		return bodyDoc{ID: id, Data: data}, nil
	}
	for s.current.ID < id {
		s.pass()
		if !s.cursor.Next(ctx) {
			// At its end, or broken, as it is when another primary is elected.
			s.close(ctx)
			return s.log.bodyPart(ctx, id)
		}
		s.current = bodyDoc{}
		if err := s.cursor.Decode(&s.current); err != nil {
			return bodyDoc{}, fmt.Errorf("read bodies: %w", err)
		}
	}
	if s.current.ID == id {
		d := s.current
		s.current.Data = nil
		return d, nil
	}
	return s.log.bodyPart(ctx, id)
}

// pass keeps the current body if nobody has asked for it.
func (s *stream) pass() {
	if s.current.Data == nil {
		return
	}
	if s.size > maxPassed {
		s.passed, s.size = map[string][]byte{}, 0 // orphans, nearly all of them
	}
	s.passed[s.current.ID] = s.current.Data
	s.size += len(s.current.Data)
}

// fill reads the bodies of a batch.
func (s *stream) fill(ctx context.Context, b *storage.Batch) error {
	b.Bodies = make([][]byte, len(b.Entries))
	for i, e := range b.Entries {
		body, err := assemble(e.Ref, e.BodyLen, func(id string) (bodyDoc, error) { return s.get(ctx, id) })
		if err != nil {
			return err
		}
		b.Bodies[i] = body
	}
	return nil
}
