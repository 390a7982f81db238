package api

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"accord/formats/dialect"
	"accord/gateway"
	"accord/internal/fault"
)

// nativeFormats are the representations that lose nothing, by media type.
var nativeFormats = map[string]gateway.Format{
	typeJSON: gateway.FormatNativeJSON,
	typeXML:  gateway.FormatNativeXML,
	typeJOSE: gateway.FormatJOSE,
}

const (
	typeVC    = string(gateway.MediaVC)
	typeVCJWT = string(gateway.MediaVCJWT)
)

// viewOffers are the media types of a document: our own first, then those of
// the dialects that can be written.
func viewOffers() []string {
	offers := slices.Clone(asView)
	for _, f := range gateway.ConvertedFormats() {
		media := string(gateway.MediaTypeOf(f))
		if media == typeVC && !slices.Contains(offers, typeVCJWT) {
			offers = append(offers, typeVCJWT)
		}
		if !slices.Contains(offers, media) {
			offers = append(offers, media)
		}
	}
	return offers
}

// wanted is the representation that a request asks for: format= says which
// dialect, Accept in which of its media types.
type wanted struct {
	format  gateway.Format
	media   string
	secured bool // as application/vc+jwt
	lang    string
}

// native says that nothing has to be converted.
func (w wanted) native() bool {
	return slices.Contains([]gateway.Format{gateway.FormatNativeJSON, gateway.FormatNativeXML, gateway.FormatJOSE}, w.format)
}

func readWanted(r *http.Request, media string) (wanted, error) {
	values := r.URL.Query()
	w := wanted{format: gateway.Format(values.Get("format")), media: media, lang: values.Get("lang")}
	var err error
	switch {
	case w.format == "" && media == typeVCJWT:
		w.format = gateway.FormatCredential
	case w.format == "":
		if f, ok := nativeFormats[media]; ok {
			w.format = f
		} else if w.format, ok = gateway.FormatOf(gateway.MediaType(media)); !ok {
			return w, fault.New(fault.Internal, "a media type without a format is offered: "+media)
		}
	default:
		offers := offersOf(w.format)
		if offers == nil {
			return w, badFormat(formatNames()...)
		}
		w.media, err = negotiate(r, offers)
	}
	w.secured = w.media == typeVCJWT
	return w, err
}

// offersOf lists the media types of a format, the default first.
func offersOf(f gateway.Format) []string {
	for media, native := range nativeFormats {
		if native == f {
			return []string{media}
		}
	}
	switch media := string(gateway.MediaTypeOf(f)); media {
	case "":
		return nil
	case typeVC:
		return []string{typeVC, typeVCJWT}
	default:
		return []string{media}
	}
}

func formatNames() []gateway.Format {
	return append([]gateway.Format{gateway.FormatNativeJSON, gateway.FormatNativeXML}, gateway.ConvertedFormats()...)
}

func badFormat(names ...gateway.Format) error {
	return fault.At(fault.SchemaFormat, "/format", fmt.Sprintf("format is one of %v", names))
}

// getConverted answers with a document in a dialect. What it loses stands beside
// it: counted in a header field, told by the resource that Link leads to.
func (s *Server) getConverted(w http.ResponseWriter, r *http.Request, c call, q gateway.DocumentQuery, want wanted) error {
	if !q.At.IsZero() {
		return fault.At(fault.SchemaFormat, "/at", "a converted document has the status of now; ask for native+json as of a time")
	}
	cq := gateway.ConversionQuery{DocumentQuery: q, Format: want.format, Lang: want.lang}
	var doc gateway.Converted
	var err error
	if gateway.MediaTypeOf(want.format) == gateway.MediaVC {
		doc, err = s.gw.Credential(r.Context(), c.caller, cq, want.secured)
	} else {
		doc, err = s.gw.Convert(r.Context(), c.caller, cq)
	}
	if err != nil {
		return notConverted(err)
	}
	if !doc.Own {
		w.Header().Set("Accord-Losses", lossField(doc.Losses))
		w.Header().Set("Link", "<"+statementPath(cq)+`>; rel="describedby"`)
	}
	return writeBody(w, http.StatusOK, string(doc.Media), doc.Body)
}

// notConverted lists with a 406 what loses nothing.
func notConverted(err error) error {
	if code := fault.CodeOf(err); code == fault.ConversionLoss || code == fault.HTTPNotAcceptable {
		return unacceptable{err, []string{typeJSON, typeXML}}
	}
	return err
}

// lossField counts losses as a structured field (RFC 8941): 3;worst=warning.
func lossField(losses []dialect.Loss) string {
	field := strconv.Itoa(len(losses))
	if worst := dialect.Worst(losses); worst != "" {
		field += ";worst=" + string(worst)
	}
	return field
}

func statementPath(q gateway.ConversionQuery) string {
	values := url.Values{"format": {string(q.Format)}}
	if q.Lang != "" {
		values.Set("lang", q.Lang)
	}
	if q.Revision > 0 {
		values.Set("revision", strconv.Itoa(q.Revision))
	}
	return "/v1/attestations/" + url.PathEscape(q.ID) + "/conversion?" + values.Encode()
}

// conversion answers with the statement about a conversion, signed where Accept
// says so.
func (s *Server) conversion(w http.ResponseWriter, r *http.Request, c call) error {
	q, err := documentQuery(r)
	if err != nil {
		return err
	}
	values := r.URL.Query()
	format := gateway.Format(cmp.Or(values.Get("format"), string(gateway.FormatCredential)))
	if gateway.MediaTypeOf(format) == "" {
		return badFormat(gateway.ConvertedFormats()...)
	}
	body, err := s.gw.Conversion(r.Context(), c.caller, gateway.ConversionQuery{DocumentQuery: q, Format: format, Lang: values.Get("lang")}, c.media == typeJOSE)
	if err != nil {
		return notConverted(err)
	}
	return writeBody(w, http.StatusOK, c.media, body)
}

// did answers with the DID document of the gateway.
func (s *Server) did(w http.ResponseWriter, _ *http.Request, c call) error {
	return writeBody(w, http.StatusOK, c.media, s.gw.DIDDocument())
}
