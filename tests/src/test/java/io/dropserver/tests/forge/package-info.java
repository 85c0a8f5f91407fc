/**
 * Tests against fake forges with faults, and checks of all requests against the real forges' API
 * descriptions.
 */
@NullMarked
package io.dropserver.tests.forge;

import org.jspecify.annotations.NullMarked;
