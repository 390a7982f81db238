package formats

import (
	"slices"

	"accord/formats/cnca"
	"accord/formats/dcc"
	"accord/formats/dialect"
	"accord/formats/sps"
	"accord/formats/untp"
)

// dialects is the one list of the dialects of the field, in the order in which
// a document is held against them.
var dialects = slices.Concat[[]dialect.Codec](untp.Codecs(), cnca.Codecs(), dcc.Codecs(), sps.Codecs())

// Dialects returns the codecs of the dialects of the field. Each has a package
// of its own.
func Dialects() []dialect.Codec { return slices.Clone(dialects) }

// Dialect returns the codec of a dialect by its name or one of its aliases.
func Dialect(name string) (dialect.Codec, bool) { return standard().dialect(name) }

// DialectByMediaType returns the codec whose documents travel under a media
// type without parameters, in lower case.
func DialectByMediaType(mediaType string) (dialect.Codec, bool) {
	for _, c := range dialects {
		if slices.Contains(c.MediaTypes, mediaType) {
			return c, true
		}
	}
	return dialect.Codec{}, false
}
