package untp

import (
	"fmt"
	"slices"
	"strings"

	"accord/attestation"
	"accord/formats/dialect"
	"accord/formats/jsondoc"
	"accord/internal/fault"
	"accord/internal/strictjson"
)

// The residual of a credential is the difference between what was read and what
// is written from it, as patches in order. So nothing can be dropped: a member
// that the mapping forgets stands here.
const (
	kindMember = "member" // a member, or an element at the end, that is not written by itself
	kindValue  = "value"  // another value than the one that is written
	kindAbsent = "absent" // a member or element that is written and was not there
)

// residual compares the source with what the submission gives when written in
// the same version.
func (d *decoder) residual(source *jsondoc.Value) error {
	e, err := encode(d.s, dialect.Options{}, d.v, false)
	if err != nil {
		return fmt.Errorf("write what was read: %w", err)
	}
	own, err := jsondoc.Parse(e.b)
	if err != nil {
		return fault.Wrap(err, fault.JSONTooManyMembers, "the credential becomes too large")
	}
	w := differ{format: d.v.format()}
	w.value("", source, own)
	d.s.Residual = w.out
	return nil
}

type differ struct {
	format string
	out    []attestation.Residual
}

func (w *differ) add(kind, path string, v *jsondoc.Value) {
	r := attestation.Residual{Format: w.format, Path: path, Kind: kind, Fragment: "null"} // a fragment is never empty
	if v != nil {
		r.Fragment = string(v.Append(nil))
	}
	w.out = append(w.out, r)
}

func (w *differ) value(path string, want, have *jsondoc.Value) {
	switch {
	case want.Kind != have.Kind:
		w.add(kindValue, path, want)
	case want.Kind == strictjson.Object:
		w.object(path, want, have)
	case want.Kind == strictjson.Array:
		w.array(path, want, have)
	case want.Text != have.Text:
		w.add(kindValue, path, want)
	}
}

func (w *differ) object(path string, want, have *jsondoc.Value) {
	for i := range want.Members {
		m := &want.Members[i]
		at := path + escapeStep(m.Name)
		if own := have.Member(m.Name); own != nil {
			w.value(at, &m.Value, own)
		} else {
			w.add(kindMember, at, &m.Value)
		}
	}
	for i := range have.Members {
		if want.Member(have.Members[i].Name) == nil {
			w.add(kindAbsent, path+escapeStep(have.Members[i].Name), nil)
		}
	}
}

func (w *differ) array(path string, want, have *jsondoc.Value) {
	for i := range want.Elements {
		if i < len(have.Elements) {
			w.value(pointerAt(path, i), &want.Elements[i], &have.Elements[i])
		} else {
			w.add(kindMember, pointerAt(path, i), &want.Elements[i])
		}
	}
	for i := len(have.Elements) - 1; i >= len(want.Elements); i-- { // from the end, so that indexes stay
		w.add(kindAbsent, pointerAt(path, i), nil)
	}
}

// restore puts the residual of a version back into a credential that was just
// written. What a converted credential says of itself is not overwritten.
func (e *encoder) restore() error {
	patches := slices.DeleteFunc(slices.Clone(e.s.Residual), func(r attestation.Residual) bool { return r.Format != e.v.format() })
	if len(patches) == 0 {
		return nil
	}
	root, err := jsondoc.Parse(e.b)
	if err != nil {
		return fmt.Errorf("read own credential: %w", err)
	}
	for i := range e.s.Residual {
		r := &e.s.Residual[i]
		if r.Format != e.v.format() {
			continue
		}
		if e.ours(r.Path) {
			e.losses.Add(dialect.Warning, dialect.Residual, pointerAt("/residual", i))
			continue
		}
		if !apply(root, r) {
			e.losses.Add(dialect.Error, dialect.Residual, pointerAt("/residual", i))
		}
	}
	e.respell(root)
	e.b = root.Append(e.b[:0])
	return nil
}

// ours reports whether a converted credential has a statement of its own at a
// path: who issues it, what it is called, where its status stands.
func (e *encoder) ours(path string) bool {
	under := func(p string) bool { return path == p || strings.HasPrefix(path, p+"/") }
	return e.o.By.ID != "" && (under("/issuer") || under("/id") || under("/name") || under("/credentialStatus")) ||
		e.o.Status != nil && under("/credentialStatus") ||
		(e.o.Original.URL != "" || e.o.Original.Digest != "") && under("/credentialSubject/conformityCertificate")
}

// respell writes statusListIndex as the profile has it: a number for UNTP, a
// string for the W3C.
func (e *encoder) respell(root *jsondoc.Value) {
	status := root.Member("credentialStatus")
	if status == nil {
		return
	}
	entries := []*jsondoc.Value{status}
	for i := range status.Elements {
		entries = append(entries, &status.Elements[i])
	}
	for _, entry := range entries {
		index := entry.Member("statusListIndex")
		switch {
		case index == nil:
		case e.spelled && index.Kind == strictjson.Number && isIndex(index.Text):
			index.Kind = strictjson.String
		case !e.spelled && index.Kind == strictjson.String && isIndex(index.Text):
			index.Kind = strictjson.Number
		}
	}
}

// apply puts one patch in place; it is false if the place is not there, for the
// document was changed since it was read.
func apply(root *jsondoc.Value, r *attestation.Residual) bool {
	var v *jsondoc.Value
	if r.Kind != kindAbsent {
		var err error
		if v, err = jsondoc.Parse([]byte(r.Fragment)); err != nil {
			return false
		}
	}
	if r.Kind == kindValue {
		at := root.At(r.Path)
		if at != nil {
			*at = *v
		}
		return at != nil
	}
	cut := strings.LastIndexByte(r.Path, '/')
	if cut < 0 {
		return false
	}
	parent := root.At(r.Path[:cut])
	if parent == nil {
		return false
	}
	name := strings.NewReplacer("~1", "/", "~0", "~").Replace(r.Path[cut+1:])
	if r.Kind == kindMember {
		return insert(parent, name, v)
	}
	return remove(parent, name)
}

func insert(parent *jsondoc.Value, name string, v *jsondoc.Value) bool {
	switch parent.Kind {
	case strictjson.Array:
		parent.Elements = append(parent.Elements, *v)
		return true
	case strictjson.Object:
		if own := parent.Member(name); own != nil {
			*own = *v
			return true
		}
		parent.Members = append(parent.Members, jsondoc.Member{Name: name, Value: *v})
		return true
	default:
		return false
	}
}

func remove(parent *jsondoc.Value, name string) bool {
	switch parent.Kind {
	case strictjson.Array:
		n := len(parent.Elements)
		if n == 0 {
			return false
		}
		parent.Elements = parent.Elements[:n-1]
		return true
	case strictjson.Object:
		n := len(parent.Members)
		parent.Members = slices.DeleteFunc(parent.Members, func(m jsondoc.Member) bool { return m.Name == name })
		return len(parent.Members) < n
	default:
		return false
	}
}
