package obs

import (
	"fmt"
	"io"
	"log/slog"
)

// Format is the form of log lines.
type Format string

// The forms of log lines.
const (
	FormatText Format = "text" // key=value, for people
	FormatJSON Format = "json" // one object a line, for collectors
)

// ParseFormat returns the form of that name; "" is text.
func ParseFormat(s string) (Format, error) {
	switch f := Format(s); f {
	case "":
		return FormatText, nil
	case FormatText, FormatJSON:
		return f, nil
	default:
		return "", fmt.Errorf("log format %q is neither text nor json", s)
	}
}

// ParseLevel returns the level of that name (debug, info, warn, error); "" is
// info.
func ParseLevel(s string) (slog.Level, error) {
	switch s {
	case "debug":
		return slog.LevelDebug, nil
	case "", "info":
		return slog.LevelInfo, nil
	case "warn":
		return slog.LevelWarn, nil
	case "error":
		return slog.LevelError, nil
	default:
		return 0, fmt.Errorf("log level %q is none of debug, info, warn, error", s)
	}
}

// NewLogger returns a logger that writes lines of that form, from that level, to
// w. Both forms escape line breaks in values, so that no value of a document can
// look like a line of its own.
func NewLogger(w io.Writer, format Format, level slog.Leveler) *slog.Logger {
	opts := &slog.HandlerOptions{Level: level}
	if format == FormatJSON {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}
