package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestApp_keepsMetricsOffThePublicListener(t *testing.T) {
	t.Parallel()
	h := home(filepath.Join(t.TempDir(), "cn"))
	accord(t, "init", "--home", string(h), "--authority", "CN", "--url", "http://127.0.0.1:1")
	a, err := NewApp(context.Background(), h, "127.0.0.1:0", slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()

	get := func(url string) (int, string) {
		res, err := http.Get(url)
		require.NoError(t, err)
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		return res.StatusCode, string(body)
	}
	status, _ := get(a.URL() + "/readyz")
	assert.Equal(t, http.StatusOK, status)
	status, body := get(a.OpsURL() + "/metrics")
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, body, `route="/readyz"`)
	status, _ = get(a.URL() + "/metrics")
	assert.Equal(t, http.StatusNotFound, status)

	stop()
	require.NoError(t, <-done)
	require.NoError(t, a.Close())
}
