"""Tests of the Amazon States Language."""
