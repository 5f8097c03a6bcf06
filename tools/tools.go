// Package tools pins the generators and linters in a module of their own, so that the shop's module stays small.
package tools
