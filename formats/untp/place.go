package untp

import (
	"strconv"
	"strings"

	"accord/formats/jsondoc"
)

// place is where a walk stands, as steps of a JSON Pointer (RFC 6901). The
// pointer is written for a finding or a loss only, so a good document costs no
// memory for it.
type place struct {
	steps []step
}

// step is a member name, or an index where name is empty.
type step struct {
	name string
	i    int
}

func (p *place) in(name string) { p.steps = append(p.steps, step{name: name}) }
func (p *place) item(i int)     { p.steps = append(p.steps, step{i: i}) }
func (p *place) out()           { p.steps = p.steps[:len(p.steps)-1] }

// pointer returns the pointer of the place, or of a member of it.
func (p *place) pointer(leaf string) string {
	b := make([]byte, 0, 64)
	for _, s := range p.steps {
		if s.name == "" {
			b = strconv.AppendInt(append(b, '/'), int64(s.i), 10)
		} else {
			b = append(append(b, '/'), s.name...)
			if strings.ContainsAny(s.name, "~/") {
				b = append(b[:len(b)-len(s.name)-1], escapeStep(s.name)...)
			}
		}
	}
	if leaf != "" {
		b = append(append(b, '/'), leaf...)
	}
	return string(b)
}

// escapeStep returns a member name as a step of a pointer, with the slash.
func escapeStep(name string) string {
	if strings.ContainsAny(name, "~/") {
		return jsondoc.Escape(name)
	}
	return "/" + name
}

// pointerAt is the pointer of an element.
func pointerAt(list string, i int) string { return list + "/" + strconv.Itoa(i) }
