package formats

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"accord/attestation"
	"accord/formats/dialect"
	"accord/formats/native"
	"accord/internal/fault"
)

// card is a dialect of one line, "card NUMBER": it needs a document around it
// to be read, and loses all but the number when it is written.
func card(base *attestation.Submission) dialect.Codec {
	return dialect.Codec{
		Name: "card", Aliases: []string{"calling-card"}, MediaTypes: []string{"text/x-card"},
		Recognises: func(src []byte) bool { return bytes.Contains(src, []byte("<card>")) },
		Decode: func(src []byte) (*attestation.Submission, []Loss, error) {
			_, inside, ok := strings.Cut(string(src), "<card>")
			number, _, _ := strings.Cut(inside, "</card>")
			if !ok {
				return nil, nil, fault.At(fault.SchemaFormat, "/", "no card")
			}
			s := *base
			s.Identifiers = []attestation.Identifier{{Scheme: base.Identifiers[0].Scheme, Value: number}}
			return &s, []Loss{{Path: "/card", Code: dialect.Assumed, Severity: dialect.Info}}, nil
		},
		Encode: func(s *attestation.Submission, o Options) ([]byte, []Loss, error) {
			if o.Lang == "xx" {
				return nil, nil, fault.New(fault.HTTPNotAcceptable, "no such language")
			}
			return []byte("<card>" + s.Identifiers[0].Value + "</card>"), []Loss{
				{Path: "/objects", Code: dialect.Dropped, Severity: dialect.Error}, {Path: "/residual/0", Code: dialect.Residual, Severity: dialect.Error},
			}, nil
		},
	}
}

func cards(t *testing.T) (table, *attestation.Submission) {
	t.Helper()
	raw, err := os.ReadFile("native/testdata/everything.json")
	require.NoError(t, err)
	base, err := native.DecodeJSON(raw)
	require.NoError(t, err)
	base.Residual = nil
	readOnly := dialect.Codec{Name: "stone", Recognises: func(src []byte) bool { return string(src) == "stone" }}
	return table{card(base), readOnly}, base
}

func TestTable_tellsTheLossesOfBothSteps(t *testing.T) {
	t.Parallel()
	all, base := cards(t)
	out, losses, err := all.convert("calling-card", "card", []byte("<card>17</card>"), Options{})
	require.NoError(t, err)
	require.Equal(t, "<card>17</card>", string(out))
	require.Equal(t, []Loss{
		{Path: "/card", Code: dialect.Assumed, Severity: dialect.Info, Source: "card", Target: NativeJSON},
		{Path: "/objects", Code: dialect.Dropped, Severity: dialect.Error, Source: NativeJSON, Target: "card"},
		{Path: "/residual/0", Code: dialect.Residual, Severity: dialect.Error, Source: NativeJSON, Target: "card"},
	}, losses)

	// Of the residual, what the codec spoke of is not told twice, and what is
	// its own is no loss.
	base.Residual = []attestation.Residual{{Format: "dcc"}, {Format: "dcc"}, {Format: "card-2"}}
	_, losses, err = all.write("card", base, Options{})
	require.NoError(t, err)
	require.Len(t, losses, 3)
	require.Equal(t, Loss{Path: "/residual/1", Code: dialect.Residual, Severity: dialect.Warning, Source: NativeJSON, Target: "card"}, losses[2])
}

func TestTable_takesADialectThroughTheGenericForms(t *testing.T) {
	t.Parallel()
	all, _ := cards(t)
	infoset, losses, err := all.convert("card", GenericJSON, []byte("<card>17</card>"), Options{})
	require.NoError(t, err)
	require.Empty(t, losses)
	out, _, err := all.convert(GenericJSON, "card", infoset, Options{})
	require.NoError(t, err)
	require.Equal(t, "<card>17</card>", string(out))
	_, _, err = all.convert("card", GenericJSON, []byte("<cart/>"), Options{})
	require.Equal(t, fault.SchemaFormat, fault.CodeOf(err))
}

func TestTable_refuses(t *testing.T) {
	t.Parallel()
	all, _ := cards(t)
	for name, c := range map[string]struct {
		from, to, lang string
		code           fault.Code
	}{
		"unknown":   {"card", "pdf", "", fault.HTTPMediaType},
		"read only": {"card", "stone", "", fault.HTTPNotAcceptable},
		"no word":   {"card", "card", "xx", fault.HTTPNotAcceptable},
	} {
		out, losses, err := all.convert(c.from, c.to, []byte("<card>17</card>"), Options{Lang: c.lang})
		require.Equal(t, c.code, fault.CodeOf(err), name)
		require.Nil(t, out, name)
		require.Nil(t, losses, name)
	}
	require.Equal(t, []string{"card", "stone", GenericXML, NativeXML, ""}, []string{
		all.detect([]byte("<card>")), all.detect([]byte("stone")), all.detect([]byte("<a/>")),
		all.detect([]byte(`<a xmlns="` + native.Namespace + `"/>`)), all.detect([]byte("x")),
	})
}
