package mongo

import (
	"time"

	driver "go.mongodb.org/mongo-driver/v2/mongo"
)

// Times of the generations of the views.
const (
	LookEvery   = lookEvery
	RefuseAfter = refuseAfter
	DropAfter   = dropAfter
)

// SetNow gives the views another clock.
func (x *Index) SetNow(now func() time.Time) { x.now = now }

// Generation returns the number of the generation that is read.
func (x *Index) Generation() uint64 {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.gen.number
}

// Judge is judge, in words.
func Judge(err error) (string, []int) {
	o, places := judge(err)
	return map[outcome]string{done: "done", duplicate: "duplicate", full: "full", unknown: "unknown"}[o], places
}

// Collection returns a collection of the database.
func (c *Connection) Collection(name string) *driver.Collection { return c.db.Collection(name) }

// Position is position.
var Position = position

// ErrOvertaken is what a renewal is told that was begun before another.
var ErrOvertaken = errOvertaken
