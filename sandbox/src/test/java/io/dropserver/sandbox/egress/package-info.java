@NullMarked
package io.dropserver.sandbox.egress;

import org.jspecify.annotations.NullMarked;
