@NullMarked
package io.dropserver.egress.gateway;

import org.jspecify.annotations.NullMarked;
