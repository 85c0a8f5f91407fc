/**
 * The suite's way to a host whose inner layers are off; no configuration of the product has one.
 */
@NullMarked
package io.dropserver.sandbox.local;

import org.jspecify.annotations.NullMarked;
