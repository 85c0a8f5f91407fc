@NullMarked
package io.dropserver.web.control;

import org.jspecify.annotations.NullMarked;
