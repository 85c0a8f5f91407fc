@NullMarked
package io.dropserver.egress;

import org.jspecify.annotations.NullMarked;
