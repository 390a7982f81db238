package strictjson

import (
	"errors"

	"accord/internal/fault"

	"github.com/go-json-experiment/json"
)

// Unmarshal reads one of our own messages or an API body into v under
// [DefaultLimits]. Member names match exactly; a member that v does not have is
// schema.unknown_field, a value of another type schema.type, both with a JSON
// Pointer. A member that is absent leaves its field as it was: what is required
// is for the caller to say.
func Unmarshal(src []byte, v any) error { return unmarshal(src, v, true) }

// UnmarshalLoose is [Unmarshal] that passes over members v does not have, as
// foreign formats demand (W3C VCDM 2.0: unknown members must be ignored).
func UnmarshalLoose(src []byte, v any) error { return unmarshal(src, v, false) }

func unmarshal(src []byte, v any, exact bool) error {
	if err := Check(src, DefaultLimits()); err != nil {
		return err
	}
	err := json.Unmarshal(src, v, json.RejectUnknownMembers(exact), json.MatchCaseInsensitiveNames(false))
	if err == nil {
		return nil
	}
	semantic, ok := errors.AsType[*json.SemanticError](err)
	if !ok {
		return classify(err, string(src), "")
	}
	at := string(semantic.JSONPointer)
	if errors.Is(err, json.ErrUnknownName) {
		return fault.At(fault.SchemaUnknownField, at, "this member is not in the schema")
	}
	if inner, ok := errors.AsType[*fault.Error](semantic.Err); ok {
		// A type with its own reader knows better; only the place is missing.
		return &fault.Error{Code: inner.Code, Detail: inner.Detail, At: at + inner.At, Err: inner.Err}
	}
	return &fault.Error{Code: fault.SchemaType, Detail: "a value of another type is due here", At: at, Err: err}
}
