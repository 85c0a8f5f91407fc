/**
 * Gives the hostile test suite access to hosts with disabled inner layers. No product configuration
 * can disable them.
 */
@NullMarked
package io.dropserver.sandbox.local;

import org.jspecify.annotations.NullMarked;
