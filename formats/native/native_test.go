package native_test

import (
	"reflect"
	"strings"
	"testing"

	"accord/attestation"
	"accord/formats/native"
	"accord/internal/strictjson"

	"github.com/google/go-cmp/cmp"
)

func TestForms_carryEveryField(t *testing.T) {
	t.Parallel()
	s := everything()
	j, x := native.AppendJSON(nil, s), native.AppendXML(nil, s)
	golden(t, "everything.json", j)
	golden(t, "everything.xml", x)
	fromJSON, err := native.DecodeJSON(j)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(s, fromJSON); d != "" {
		t.Errorf("JSON: %s", d)
	}
	fromXML, err := native.DecodeXML(x)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(s, fromXML); d != "" {
		t.Errorf("XML: %s", d)
	}
}

func TestViews_carryEveryField(t *testing.T) {
	t.Parallel()
	v := everythingView()
	j, x := native.AppendViewJSON(nil, v), native.AppendViewXML(nil, v)
	golden(t, "view.json", j)
	golden(t, "view.xml", x)
	fromJSON, err := native.DecodeViewJSON(j)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(v, fromJSON); d != "" {
		t.Errorf("JSON: %s", d)
	}
	fromXML, err := native.DecodeViewXML(x)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(v, fromXML); d != "" {
		t.Errorf("XML: %s", d)
	}
	if c, err := strictjson.Canonical(j); err != nil || string(c) != string(j) {
		t.Errorf("a view is not written in the form of RFC 8785: %v", err)
	}
}

func TestStatus_carriesEveryField(t *testing.T) {
	t.Parallel()
	s := statusStatement()
	j := native.AppendStatusJSON(nil, s)
	golden(t, "status.json", j)
	back, err := native.DecodeStatus(j)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(s, back); d != "" {
		t.Error(d)
	}
	if c, err := strictjson.Canonical(j); err != nil || string(c) != string(j) {
		t.Errorf("a statement is not written in the form of RFC 8785: %v", err)
	}
}

// TestFixtures_haveEveryField holds that the fixtures leave no field of the
// model out, so that the tests above mean what they say.
func TestFixtures_haveEveryField(t *testing.T) {
	t.Parallel()
	set := map[string]bool{}
	all := map[string]bool{}
	walk(reflect.ValueOf(*everythingView()), set, all)
	walk(reflect.ValueOf(*statusStatement()), set, all)
	for name := range all {
		if !set[name] {
			t.Errorf("%s is zero in the fixtures", name)
		}
	}
}

func walk(v reflect.Value, set, all map[string]bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			walk(v.Elem(), set, all)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walk(v.Index(i), set, all)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			name := v.Type().Name() + "." + v.Type().Field(i).Name
			all[name] = true
			set[name] = set[name] || !v.Field(i).IsZero()
			walk(v.Field(i), set, all)
		}
	default:
		// A value.
	}
}

func TestExample_hasItsDigestInBothForms(t *testing.T) {
	t.Parallel()
	digests := string(sharedFile(t, "canonical-example/DIGESTS.txt"))
	for name, decode := range map[string]func([]byte) (*attestation.Submission, error){
		"ccc-vacuum.json": native.DecodeJSON, "ccc-vacuum.xml": native.DecodeXML, "ccc-vacuum-r2.json": native.DecodeJSON,
	} {
		src := sharedFile(t, "canonical-example/"+name)
		s, err := decode(src)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		line := "content digest of " + strings.TrimSuffix(strings.TrimSuffix(name, ".xml"), ".json") + ".json"
		_, after, _ := strings.Cut(digests, line)
		if want := strings.Fields(after)[0]; string(attestation.DigestOf(native.AppendJSON(nil, s))) != want {
			t.Errorf("%s: digest %s, want %s", name, attestation.DigestOf(native.AppendJSON(nil, s)), want)
		}
		if strings.HasSuffix(name, ".xml") && string(native.AppendXML(nil, s)) != string(src) {
			t.Errorf("%s: our XML is not laid out as the worked example", name)
		}
	}
	status := sharedFile(t, "canonical-example/ccc-vacuum-suspend.status.json")
	st, err := native.DecodeStatus(status)
	if err != nil {
		t.Fatal(err)
	}
	want, err := strictjson.Canonical(status)
	if err != nil || string(native.AppendStatusJSON(nil, st)) != string(want) {
		t.Errorf("status statement: %v", err)
	}
}
