/** Builds releases by {@code bin/release} and installs them in a Debian with systemd. */
@NullMarked
package io.dropserver.tests.release;

import org.jspecify.annotations.NullMarked;
