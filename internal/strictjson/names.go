package strictjson

import (
	"fmt"
	"slices"
	"strings"
)

// Names are the member names that one kind of object may have, for
// [Reader.Member]. They are safe for concurrent use.
type Names struct {
	names  []string
	quoted []string // as they stand before a value, sorted
	order  []uint8  // place in names of each of quoted
	rank   []uint8  // place in quoted of each of names
	slots  []uint8  // one more than the place in names, by hash; 0 is free
}

// maxNames is how many a Reader can mark as seen in one word.
const maxNames = 64

// NewNames returns the names of an object. It panics if they are more than 64,
// not all different, or need an escape in JSON: they are a programmer's.
func NewNames(names ...string) *Names {
	if len(names) > maxNames {
		panic(fmt.Sprintf("strictjson: %d names are more than %d", len(names), maxNames))
	}
	n := &Names{names: names, rank: make([]uint8, len(names)), slots: make([]uint8, 1)}
	for len(n.slots) < 4*len(names) {
		n.slots = make([]uint8, 2*len(n.slots))
	}
	for i, name := range names {
		if len(AppendString(nil, name)) != len(name)+2 || name == "" || n.find(name) >= 0 {
			panic(fmt.Sprintf("strictjson: %q is no name or there twice", name))
		}
		h := n.hash(name)
		for n.slots[h] != 0 {
			h = (h + 1) % len(n.slots)
		}
		n.slots[h] = uint8(i + 1)
		n.order = append(n.order, uint8(i))
	}
	// A canonical text has its members sorted. Names that we choose are ASCII,
	// of which octets sort as UTF-16 does.
	slices.SortFunc(n.order, func(a, b uint8) int { return strings.Compare(names[a], names[b]) })
	for rank, i := range n.order {
		n.quoted = append(n.quoted, `"`+names[i]+`":`)
		n.rank[i] = uint8(rank)
	}
	return n
}

// hash picks what our names differ in: length, ends and middle.
func (n *Names) hash(s string) int {
	last := len(s) - 1
	return (len(s) + 5*int(s[0]) + 3*int(s[last/2]) + 9*int(s[last])) & (len(n.slots) - 1)
}

// find returns the place of a name, -1 if it is not one of them.
func (n *Names) find(s string) int {
	if s == "" {
		return -1
	}
	for h := n.hash(s); n.slots[h] != 0; h = (h + 1) & (len(n.slots) - 1) {
		if i := int(n.slots[h]) - 1; n.names[i] == s {
			return i
		}
	}
	return -1
}

// Member is [Reader.More] and [Reader.Name] in one, where the names are known:
// it goes to the value of the next member and returns the place of its name in
// n. For a name that n does not have that is -1 and the name stands in other.
// ok is false if there is no further member. An object is read either by Member,
// with the same names throughout, or by Name.
func (r *Reader) Member(n *Names) (i int, other string, ok bool) {
	if !r.More() {
		return -1, "", false
	}
	rank := int(r.cur.next)
	if rank < len(n.quoted) && r.nameDue() && strings.HasPrefix(r.text[r.pos:], n.quoted[rank]) {
		i = int(n.order[rank])
		r.member(r.pos + 1)
		r.pos += len(n.quoted[rank])
		r.cur.due = dueValue
	} else {
		name := r.bareName()
		if r.err != nil {
			return -1, "", false
		}
		if i = n.find(name); i < 0 {
			r.named(name)
			return -1, name, r.err == nil
		}
		rank = int(n.rank[i])
	}
	r.cur.next = uint8(rank + 1)
	if r.cur.seen&(1<<i) != 0 {
		r.twice()
	}
	r.cur.seen |= 1 << i
	return i, "", r.err == nil
}
