package attestation_test

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"accord/attestation"
	"accord/internal/strictjson"
)

func TestDigest_isThatOfTheWorkedExample(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]attestation.Digest{
		"ccc-vacuum.json":    "sha-256:40bc56ae1bde758de3c5b5cce3c5351fabcfd3ff804c56c546e68f4e610fd114",
		"ccc-vacuum-r2.json": "sha-256:2dceb1f258fa5f2d3fcff7b38449bab5612580d1386494ea2e72881285992f6d",
	} {
		if got := sample(t, name).Digest(); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestSeriesID_isThatOfTheWorkedExample(t *testing.T) {
	t.Parallel()
	const want = "att_wsxqratkgg7cbn5a3nc3smak6nphbio5"
	if got := attestation.SeriesID("cn-example-cb", "cn.cnca.ccc", "2024990708000001", ""); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := valid().SeriesOf("cn-example-cb"); got != want {
		t.Errorf("SeriesOf: got %s, want %s", got, want)
	}
}

func TestAppendCanonical_isRFC8785OfTheWorkedExample(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"ccc-vacuum.json", "ccc-vacuum-r2.json"} {
		want, err := strictjson.Canonical(data(t, "canonical-example/"+name))
		if err != nil {
			t.Fatal(err)
		}
		if got := attestation.AppendCanonical(nil, sample(t, name)); string(got) != string(want) {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
}

func TestAppendStatement_isRFC8785OfTheWorkedExample(t *testing.T) {
	t.Parallel()
	raw := data(t, "canonical-example/ccc-vacuum-suspend.status.json")
	var st attestation.StatusStatement
	if err := strictjson.Unmarshal(raw, &st); err != nil {
		t.Fatal(err)
	}
	want, err := strictjson.Canonical(raw)
	if err != nil {
		t.Fatal(err)
	}
	if got := attestation.AppendStatement(nil, &st); string(got) != string(want) {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if st.Digest() != attestation.DigestOf(want) {
		t.Error("the payload digest is not that of the RFC 8785 form")
	}
	if errs, warns := st.Validate(); len(errs)+len(warns) > 0 {
		t.Errorf("findings %v, warnings %v", errs, warns)
	}
}

// The writer by hand must agree with a general one over the struct tags, for
// documents in which any field may be there.
func TestAppendCanonical_agreesWithReflection(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var s attestation.Submission
		fill(rng, reflect.ValueOf(&s).Elem(), 0)
		s.Extensions = nil // an object in JSON, see the test below
		// json leaves out empty lists only where the tag says so; required ones
		// have at least one item in what we compare.
		got := attestation.AppendCanonical(nil, &s)
		plain, err := json.Marshal(&s)
		if err != nil {
			t.Fatal(err)
		}
		want, err := strictjson.Canonical(plain)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Fatalf("\n got %s\nwant %s", got, want)
		}
	}
}

// fill sets fields at random; what is required by its tag is always set.
func fill(rng *rand.Rand, v reflect.Value, depth int) {
	switch v.Interface().(type) {
	case attestation.Flag:
		v.SetUint(uint64(rng.IntN(3)))
		return
	case attestation.Target:
		if rng.IntN(2) == 0 {
			v.Set(reflect.ValueOf(attestation.Target{Digest: "sha-256:00"}))
		} else {
			v.Set(reflect.ValueOf(attestation.Target{Issuer: "i", Scheme: "s", Number: "n"}))
		}
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString([]string{"a", "标准 é", "q\"\\/<&>", "tab\tlf\n\u0001\u007f", "\U0001F600"}[rng.IntN(5)])
	case reflect.Int:
		v.SetInt(int64(rng.IntN(100)) + 1)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(rng, v.Elem(), depth+1)
	case reflect.Slice:
		n := 1 + rng.IntN(2)
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(rng, v.Index(i), depth+1)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.Name == "Extensions" {
				continue
			}
			optional := strings.Contains(f.Tag.Get("json"), ",omit")
			if !optional || rng.IntN(3) == 0 {
				fill(rng, v.Field(i), depth+1)
			}
		}
	}
}

func TestAppendCanonical_sortsExtensionsByUTF16(t *testing.T) {
	t.Parallel()
	s := valid()
	// U+1F600 is D83D DE00 in UTF-16 and so comes before U+FF5E, though its
	// octets come after.
	s.Extensions = []attestation.Extension{
		{URI: "urn:x:\uFF5E", Value: []byte(`{}`)},
		{URI: "urn:x:\U0001F600", Value: []byte(`["v"]`)},
		{URI: "urn:x:a", Value: []byte(`null`)},
	}
	got := attestation.AppendCanonical(nil, s)
	want, err := strictjson.Canonical(got)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if s.Extensions[0].URI != "urn:x:\uFF5E" {
		t.Error("the document was changed")
	}
}

func TestTarget_isDigestOrObject(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`"sha-256:00"`, `{"issuer":"a","number":"n","scheme":"s"}`, `{"issueNumber":"2","issuer":"a","number":"n","scheme":"s"}`,
	} {
		var target attestation.Target
		if err := strictjson.Unmarshal([]byte(text), &target); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got, err := json.Marshal(target); err != nil || string(got) != text {
			t.Errorf("got %s (%v), want %s", got, err, text)
		}
	}
	for _, text := range []string{`1`, `null`, `[]`, `true`, `{"digest":"x"}`, `{"Issuer":"a"}`, `{"issuer":1}`} {
		var target attestation.Target
		if err := strictjson.Unmarshal([]byte(text), &target); err == nil && text != "null" {
			t.Errorf("%s was read", text)
		}
	}
}

func TestFlag_hasThreeValues(t *testing.T) {
	t.Parallel()
	type holder struct {
		F attestation.Flag `json:"f,omitempty"`
	}
	for text, want := range map[string]attestation.Flag{`{}`: attestation.Unset, `{"f":true}`: attestation.True, `{"f":false}`: attestation.False} {
		var h holder
		if err := strictjson.Unmarshal([]byte(text), &h); err != nil || h.F != want {
			t.Errorf("%s: %v, %v", text, h.F, err)
		}
		if got, err := strictjson.CanonicalOf(h); err != nil || string(got) != text {
			t.Errorf("wrote %s (%v), want %s", got, err, text)
		}
	}
	var h holder
	if err := strictjson.Unmarshal([]byte(`{"f":1}`), &h); err == nil {
		t.Error("a number was read as a flag")
	}
	if attestation.Unset.Bool(true) != true || attestation.False.Bool(true) || attestation.FlagOf(true) != attestation.True {
		t.Error("Bool or FlagOf")
	}
}

func BenchmarkAppendCanonical(b *testing.B) {
	s := sample(b, "ccc-vacuum-r2.json")
	buf := attestation.AppendCanonical(nil, s)
	b.SetBytes(int64(len(buf)))
	b.ReportAllocs()
	for b.Loop() {
		buf = attestation.AppendCanonical(buf[:0], s)
	}
}

func BenchmarkValidate(b *testing.B) {
	s := sample(b, "ccc-vacuum-r2.json")
	at := now()
	b.ReportAllocs()
	for b.Loop() {
		if errs, _ := s.Validate(at); len(errs) > 0 {
			b.Fatal(errs)
		}
	}
}
