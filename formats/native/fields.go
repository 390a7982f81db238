package native

import "accord/attestation"

// The constructors of fields. The name is that of the JSON member; where the
// XML form is an attribute it has the same name. get leads from a value to its
// field.

// attr is a string that is an attribute in XML.
func attr[T any, S ~string](name string, f *format, get func(*T) *S) field[T] {
	return field[T]{json: name, xml: name, place: inAttribute, member: bind(get, text[S]{format: f})}
}

// elem is a string that is an element in XML.
func elem[T any, S ~string](name, element string, f *format, get func(*T) *S) field[T] {
	return field[T]{json: name, xml: element, member: bind(get, text[S]{format: f})}
}

// body is a string that is the text of the element of its record.
func body[T any, S ~string](name string, f *format, get func(*T) *S) field[T] {
	return field[T]{json: name, place: inContent, member: bind(get, text[S]{format: f})}
}

// flag is an optional boolean.
func flag[T any](name string, get func(*T) *attestation.Flag) field[T] {
	return field[T]{json: name, xml: name, place: inAttribute, member: bind(get, flagCodec{})}
}

// boolean is false when it is absent.
func boolean[T any](name string, get func(*T) *bool) field[T] {
	return field[T]{json: name, xml: name, place: inAttribute, member: bind(get, boolCodec{})}
}

// integer is a number from least up that is 0 when it is absent.
func integer[T any, N ~int | ~uint64](name string, least int, get func(*T) *N) field[T] {
	return field[T]{json: name, xml: name, place: inAttribute, member: bind(get, intCodec[N]{least: least})}
}

// count is an optional number from 0 up.
func count[T any](name string, get func(*T) **int) field[T] {
	return field[T]{json: name, xml: name, place: inAttribute, member: bind(get, countCodec{})}
}

// one is a value inside its record.
func one[T, F any](name, element string, c codec[F], get func(*T) *F) field[T] {
	return field[T]{json: name, xml: element, member: bind(get, c)}
}

// opt is a value that may be absent.
func opt[T, F any](name, element string, c codec[F], get func(*T) **F) field[T] {
	return field[T]{json: name, xml: element, member: bind(get, pointer[F]{c})}
}

// many is a list; in XML its elements stand in the record itself.
func many[T, E any](name, element string, c codec[E], get func(*T) *[]E) field[T] {
	return field[T]{json: name, xml: element, member: bind(get, list[[]E, E]{c})}
}

// words is a list of strings.
func words[T any, S ~string](name, element string, f *format, get func(*T) *[]S) field[T] {
	return many[T, S](name, element, text[S]{format: f}, get)
}

// label is an LText of one line each.
func label[T any](name, element string, get func(*T) *attestation.LText) field[T] {
	return field[T]{json: name, xml: element, member: bind(get, labels)}
}

// prose is an LText that may have several lines.
func prose[T any](name, element string, get func(*T) *attestation.LText) field[T] {
	return field[T]{json: name, xml: element, member: bind(get, proses)}
}
