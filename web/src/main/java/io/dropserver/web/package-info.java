/** The front door: the HTTP server that browsers connect to. */
@NullMarked
package io.dropserver.web;

import org.jspecify.annotations.NullMarked;
