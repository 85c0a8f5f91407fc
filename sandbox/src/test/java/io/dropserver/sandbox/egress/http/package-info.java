/** Tests of the gateway's HTTP implementation. */
@NullMarked
package io.dropserver.sandbox.egress.http;

import org.jspecify.annotations.NullMarked;
