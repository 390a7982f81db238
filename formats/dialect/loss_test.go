package dialect_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"accord/formats/dialect"
)

func TestLosses_areOrderedBySeverity(t *testing.T) {
	t.Parallel()
	l := dialect.Losses{Source: "a", Target: "b"}
	require.Empty(t, dialect.Worst(l.List))
	l.Add(dialect.Info, dialect.Comment, "/x")
	l.Addf(dialect.Error, dialect.Dropped, "/y/%d", 2)
	l.Add(dialect.Warning, dialect.Precision, "/z")
	require.Equal(t, dialect.Loss{Path: "/y/2", Code: "dropped", Severity: "error", Source: "a", Target: "b"}, l.List[1])
	require.Equal(t, dialect.Error, dialect.Worst(l.List))
	require.Equal(t, l.List, dialect.Above(l.List, ""))
	require.Equal(t, l.List[1:], dialect.Above(l.List, dialect.Info))
	require.Equal(t, l.List[1:2], dialect.Above(l.List, dialect.Warning))
	require.Empty(t, dialect.Above(l.List, dialect.Error))
	require.True(t, dialect.Info.Valid())
	require.False(t, dialect.Severity("fatal").Valid())
}
