// All of the bench, one part after the other: each is a program of its own.
import "./sizes.ts";
import "./fetch.ts";
import "./workers.ts";
