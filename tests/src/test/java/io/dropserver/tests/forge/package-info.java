/** Forges of our own, with faults, and what we say to real ones held against their descriptions. */
@NullMarked
package io.dropserver.tests.forge;

import org.jspecify.annotations.NullMarked;
