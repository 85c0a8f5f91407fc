/** Tests of HTTP as the gateway speaks it. */
@NullMarked
package io.dropserver.sandbox.egress.http;

import org.jspecify.annotations.NullMarked;
