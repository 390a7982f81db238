package client

import (
	"context"
	"time"
)

// Constants that the tests hold the behaviour against.
const (
	MaxTries   = maxTries
	MaxWait    = maxWait
	TokenLife  = tokenLife
	TokenSpare = tokenSpare
)

// SetClock gives the client another time of day.
func (c *Client) SetClock(now func() time.Time) { c.now = now }

// SetSleep replaces the waiting between two tries.
func (c *Client) SetSleep(f func(context.Context, time.Duration) error) { c.sleep = f }

// SetMaxAnswer lowers the bound of answers.
func (c *Client) SetMaxAnswer(n int64) { c.maxAnswer = n }
